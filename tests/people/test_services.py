"""Participants: who they are, where their texts go, and a row in the trail for every change."""

from datetime import date

import pytest

from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.people import services as people
from programme_tracker.people.models import Participant, SeparatedPair
from programme_tracker.people.queries import separated_from, shares_number, with_number
from programme_tracker.people.services import GuardianDetails, NewParticipant
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import events, is_whole

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


def add(case: CaraCase, clock: SettableClock, name: str = "Lee Invented", **given: object) -> Participant:
    content: dict[str, object] = {"name": name, "born_on": date(1990, 1, 31)} | given
    details = NewParticipant(**content)  # type: ignore[arg-type]  # as given by the test
    return people.add_participant(details, actor=case.team.lead, now=clock.now())


def test_new_participant_has_a_neutral_reference_and_own_consent_from_16(
    case: CaraCase, clock: SettableClock
) -> None:
    adult, child = add(case, clock), add(case, clock, "Kim", born_on=date(2010, 9, 2))
    assert adult.reference == f"P{adult.id:06d}"
    assert (adult.own_consent_at, child.own_consent_at) == (clock.now(), None)


def test_every_change_leaves_its_row(case: CaraCase, clock: SettableClock) -> None:
    person, lead = db.session.get_one(Participant, case.participant_id), case.team.lead
    before = len(events())
    people.change_mobile(person, "+447700900555", actor=lead, now=clock.now())
    people.change_risk(person, risk="high", is_priority=True, actor=lead, now=clock.now())
    people.set_guardian(person, GuardianDetails("G", None, False), actor=lead, now=clock.now())
    people.allow_sharing(person, "brothers", actor=lead, now=clock.now())
    people.record_own_consent(person, actor=lead, now=clock.now())
    for _ in range(2):
        people.opt_out(person, actor=lead, now=clock.now())
    people.opt_in(person, actor=lead, now=clock.now())
    assert events()[before:] == [
        "participant.number_changed",
        "participant.risk_changed",
        "guardian.changed",
        "participant.sharing_allowed",
        "participant.own_consent",
        "participant.opted_out",
        "participant.opted_in",
    ]
    assert (person.mobile, person.risk, person.is_priority) == ("+447700900555", "high", True)
    assert is_whole()


def test_shared_number_counts_until_it_is_allowed(case: CaraCase, clock: SettableClock) -> None:
    brother = add(case, clock, mobile="+447700900101")
    assert len(with_number("+447700900101")) == 2
    assert shares_number(brother)
    people.allow_sharing(brother, "one phone", actor=case.team.lead, now=clock.now())
    assert not shares_number(brother)
    assert not shares_number(add(case, clock, mobile=None))


def test_separated_people_are_found_from_either_side(case: CaraCase, clock: SettableClock) -> None:
    other = add(case, clock)
    db.session.add(SeparatedPair(first_id=case.participant_id, second_id=other.id, created_at=clock.now()))
    db.session.flush()
    assert separated_from(case.participant_id) == {other.id}
    assert separated_from(other.id) == {case.participant_id}
