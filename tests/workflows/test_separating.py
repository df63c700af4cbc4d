"""A couple on the system on both sides: kept apart, and known to victim safety alone."""

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code
from programme_tracker.people.models import Participant
from programme_tracker.people.queries import separated_from
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import Gate
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.queries import read_file
from programme_tracker.victim_safety.rules import EntryKind
from programme_tracker.victim_safety.services import PartnerDetails
from programme_tracker.workflows.booking import book
from programme_tracker.workflows.partner_files import write_details
from programme_tracker.workflows.referring import sign_off
from programme_tracker.workflows.separating import mark_also_participant, unmark
from programme_tracker.workflows.sessions import SessionPlan, create_session
from programme_tracker.workflows.staffing import set_staff
from programme_tracker.workflows.visibility import enrolment_for, partner_for, referral_for
from tests import ready
from tests.factories.accounts import make_staff
from tests.factories.cases import CaraCase, cara_case, sam
from tests.factories.records import notices, refused, tasks

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

BORN = date(1991, 5, 4)
ANA = PartnerDetails("Ana Ó'Brien", born_on=BORN)


def know(case: CaraCase, clock: SettableClock, details: PartnerDetails = ANA) -> Partner:
    worker = case.team.worker
    return write_details(case.participant_id, details, actor=worker, now=clock.now())


def refer_ana(case: CaraCase, **given: object) -> CaraCase:
    person = sam(name="O'BRIEN Ana", born_on=BORN, mobile="07700 900555", **given)
    return cara_case(case.team, person=person, signed_off=False, caution_reference="C/2026/0500")


def gate(case: CaraCase) -> str:
    db.session.rollback()
    return db.session.get_one(Enrolment, case.enrolment_id).gate


def test_partner_referred_later_is_kept_apart_and_both_sign_offs_are_decided_anew(
    case: CaraCase, clock: SettableClock
) -> None:
    know(case, clock)
    hers = refer_ana(case)
    assert separated_from(case.participant_id) == {hers.participant_id}
    assert (gate(case), gate(hers)) == (Gate.PENDING, Gate.PENDING)
    assert {task.enrolment_id for task in tasks("sign_off")} == {case.enrolment_id, hers.enrolment_id}
    (told,) = notices(case.enrolment_id, "restricted")
    assert (told.to_role, told.staff_id) == ("victim_safety", case.team.worker.staff_id)
    assert notices(hers.enrolment_id) == []
    assert "Ana" not in str(told.facts)


def test_nobody_works_both_sides(case: CaraCase, clock: SettableClock) -> None:
    partner = know(case, clock)
    hers = refer_ana(case)
    enrolment = db.session.get_one(Enrolment, hers.enrolment_id)
    assert (enrolment.worker_id, enrolment.lead_id) == (None, None)
    assert [task.to_role for task in tasks("staffing", hers.enrolment_id)] == ["manager"]
    for actor in (case.team.worker, case.team.lead, case.team.facilitator):
        assert enrolment_for(actor, case.enrolment_id) is not None
        assert enrolment_for(actor, hers.enrolment_id) is None
        assert referral_for(actor, hers.referral_id) is None
    assert enrolment_for(case.team.manager, hers.enrolment_id) is not None
    other = make_staff(Role.VICTIM_SAFETY).actor
    enrolment.worker_id = other.staff_id
    db.session.commit()
    assert enrolment_for(other, hers.enrolment_id) is not None
    assert enrolment_for(other, case.enrolment_id) is None
    assert partner_for(other, partner.id, None, clock.now()) is None
    assert partner_for(case.team.worker, partner.id, None, clock.now()) is not None


def test_neither_search_reveals_the_other(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    know(case, clock)
    refer_ana(case)
    lead = case.team.client(app, "lead")
    for path in ("/people/?q=brien", "/people/?q=900555", "/people/?q=C/2026/0500", "/people/"):
        assert "BRIEN Ana" not in lead.get(path).text
    assert "BRIEN Ana" not in lead.get("/referrals/").text
    assert "Łukasz" in lead.get("/people/?q=sam").text


def test_they_share_no_session_and_the_refusal_says_nothing(case: CaraCase, clock: SettableClock) -> None:
    know(case, clock)
    hers = refer_ana(case)
    assert case.session_a_id is not None
    sign_off(hers.enrolment_id, Gate.GRANTED, actor=case.team.worker, now=clock.now())
    with refused(Code.SEPARATED) as caught:
        book(case.session_a_id, hers.enrolment_id, actor=case.team.lead, now=clock.now())
    assert "partner" not in caught.value.message and "meet" not in caught.value.message


def test_cover_never_brings_staff_to_both(case: CaraCase, clock: SettableClock) -> None:
    hers = refer_ana(case)
    worker, lead = case.team.worker, case.team.lead
    sign_off(hers.enrolment_id, Gate.GRANTED, actor=worker, now=clock.now())
    cover, third = (make_staff(Role.FACILITATOR).id for _ in range(2))
    wall = datetime(2026, 9, 19, 10)  # noqa: DTZ001 - a wall time
    another = create_session(SessionPlan("cara", wall, [cover], part="A"), actor=lead, now=clock.now())
    book(another.id, hers.enrolment_id, actor=lead, now=clock.now())
    know(case, clock)
    with refused(Code.SEPARATED):
        set_staff(another.id, [case.team.facilitator.staff_id or 0], actor=lead, now=clock.now())
    assert set_staff(another.id, [third], actor=lead, now=clock.now()).staff[0].id == third


def test_partner_added_later_is_found_among_participants(case: CaraCase, clock: SettableClock) -> None:
    hers = refer_ana(case)
    sign_off(hers.enrolment_id, Gate.GRANTED, actor=case.team.worker, now=clock.now())
    know(case, clock)
    assert separated_from(hers.participant_id) == {case.participant_id}
    assert (gate(case), gate(hers)) == (Gate.PENDING, Gate.PENDING)


def test_number_alone_is_enough(case: CaraCase, clock: SettableClock) -> None:
    hers = refer_ana(case)
    know(case, clock, PartnerDetails("Somebody", "+447700900555"))
    assert separated_from(case.participant_id) == {hers.participant_id}


def test_another_person_of_that_name_is_left_alone(case: CaraCase, clock: SettableClock) -> None:
    know(case, clock, PartnerDetails("Ana Ó'Brien", born_on=date(1980, 1, 1)))
    hers = refer_ana(case)
    assert separated_from(hers.participant_id) == frozenset()
    assert gate(case) == Gate.GRANTED


def test_victim_safety_marks_it_by_hand_and_takes_it_back(case: CaraCase, clock: SettableClock) -> None:
    partner = know(case, clock, PartnerDetails("Ana"))
    hers = refer_ana(case)
    worker = case.team.worker
    reference = db.session.get_one(Participant, hers.participant_id).reference
    with refused(Code.NOT_ALLOWED):
        mark_also_participant(partner.id, "P999999", actor=worker, now=clock.now())
    with refused(Code.NOT_ALLOWED):
        mark_also_participant(partner.id, reference, actor=case.team.manager, now=clock.now())
    mark_also_participant(partner.id, reference.lower(), actor=worker, now=clock.now())
    assert separated_from(case.participant_id) == {hers.participant_id}
    assert notices(case.enrolment_id, "restricted") == []
    unmark(partner.id, hers.participant_id, "Another Ana", actor=worker, now=clock.now())
    assert separated_from(case.participant_id) == frozenset()
    file = read_file(db.session.scalars(select(Partner)).one())
    assert [entry.content.get("ended", False) for entry in file.of_kind(EntryKind.LINK)] == [True, False]


def test_link_is_nowhere_open(case: CaraCase, clock: SettableClock) -> None:
    know(case, clock)
    refer_ana(case)
    stored = str(db.session.execute(db.text("SELECT * FROM partner_entries")).all())
    assert "participant_id" not in stored and "by_hand" not in stored
    trail = str(db.session.execute(db.text("SELECT detail FROM audit_entries")).all())
    assert "brien" not in trail.lower()


def test_only_victim_safety_writes_files(case: CaraCase, clock: SettableClock) -> None:
    for actor in (case.team.manager, case.team.lead, case.team.officer, Actor(99, "Nobody")):
        with refused(Code.NOT_ALLOWED):
            write_details(case.participant_id, ANA, actor=actor, now=clock.now())
