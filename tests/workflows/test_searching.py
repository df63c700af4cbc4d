"""People are found by part of a name, a reference or a number, within one's rights, on both stores."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event, select

from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.people import services as people
from programme_tracker.people.models import Participant, SearchTerm
from programme_tracker.people.services import NewParticipant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.victim_safety.services import PartnerDetails
from programme_tracker.workflows.changing_people import PersonChange, change_person
from programme_tracker.workflows.partner_files import write_details
from programme_tracker.workflows.referring import receive, refer
from programme_tracker.workflows.searching import PER_PAGE, find_people
from tests import ready
from tests.factories.cases import CaraCase, cara_referral

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


def enrol(case: CaraCase, clock: SettableClock, name: str, mobile: str | None = None, **given: object) -> int:
    person = NewParticipant(name=name, born_on=date(1990, 1, 31), mobile=mobile)
    enrolment = refer(person, cara_referral(case.team, **given), actor=case.team.lead, now=clock.now())
    assert enrolment is not None
    return enrolment.id


def names(case: CaraCase, typed: str, actor: Actor | None = None) -> list[str]:
    found = find_people(actor or case.team.manager, typed)
    return [one.participant.name for one in found.enrolments]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements that run inside."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "typed",
    [
        *("sam", "obrien", "O'Brien", "brien", "o’brien-lukasz", "Łukasz", "LUKASZ Sam", "kas", "lukasz sam"),
        *("07700 900101", "+44 7700 900101", "900 101", "101", "0101"),
        *("P000001", "p1", "C/2026/0117", "c 2026 0117", "0117", "sam 0117"),
    ],
)
def test_any_part_finds_the_person(case: CaraCase, typed: str) -> None:
    assert names(case, typed) == ["Sam O'Brien-Łukasz"]


@pytest.mark.parametrize("typed", ["samuel", "am", "sam 0118", "brien jones", "%", "_", "'", "07700 900102"])
def test_what_does_not_fit_finds_nobody(case: CaraCase, typed: str) -> None:
    assert names(case, typed) == []


def test_the_person_meant_comes_first(case: CaraCase, clock: SettableClock) -> None:
    inside = enrol(case, clock, "Joanna Aaron")
    ended = enrol(case, clock, "Ann Able")
    begins = enrol(case, clock, "Anna Zeta")
    mine = enrol(case, clock, "Annie Yates", lead_id=case.team.lead.staff_id)
    db.session.get_one(Enrolment, ended).ended_at = clock.now()
    db.session.commit()
    found = [one.id for one in find_people(case.team.lead, "ann").enrolments]
    assert found == [mine, begins, inside, ended]
    assert find_people(case.team.manager, "1").enrolments == ()


def test_a_changed_number_is_found_and_the_old_one_is_not(case: CaraCase, clock: SettableClock) -> None:
    change_person(
        case.participant_id, PersonChange(mobile="07700 900555"), actor=case.team.lead, now=clock.now()
    )
    assert names(case, "900555") == ["Sam O'Brien-Łukasz"]
    assert names(case, "900101") == []


def test_nothing_is_left_of_a_double(case: CaraCase, clock: SettableClock) -> None:
    details = NewParticipant(name="Sam Double", born_on=date(1990, 1, 31))
    double = people.add_participant(details, actor=case.team.lead, now=clock.now())
    known = db.session.get_one(Participant, case.participant_id)
    people.remove_double(double, known, actor=case.team.lead, now=clock.now())
    left = select(SearchTerm).where(SearchTerm.participant_id == double.id)
    assert db.session.scalars(left).all() == []


def test_somebody_only_referred_is_found_apart(case: CaraCase, clock: SettableClock) -> None:
    person = NewParticipant(name="Rhys Referred", born_on=date(1991, 2, 2))
    receive(person, cara_referral(case.team), actor=case.team.lead, now=clock.now())
    found = find_people(case.team.lead, "rhys")
    assert found.enrolments == []
    assert [one.participant.name for one in found.referrals] == ["Rhys Referred"]


def test_the_other_side_is_not_found_and_not_counted(case: CaraCase, clock: SettableClock) -> None:
    other = enrol(case, clock, "Robin Other", lead_id=case.team.lead.staff_id)
    theirs = db.session.get_one(Enrolment, other).participant_id
    people.keep_apart(case.participant_id, theirs, actor=case.team.worker, now=clock.now())
    helper = Actor(case.team.worker.staff_id, "Vic", frozenset({Role.VICTIM_SAFETY}))
    db.session.get_one(Enrolment, case.enrolment_id).worker_id = helper.staff_id
    db.session.get_one(Enrolment, case.enrolment_id).lead_id = None
    db.session.commit()
    found = find_people(helper, "robin")
    assert (list(found.enrolments), list(found.referrals), found.has_more) == ([], [], False)
    assert names(case, "robin") == ["Robin Other"]


def test_roles_without_the_right_find_nobody(case: CaraCase) -> None:
    assert names(case, "sam", case.team.admin) == []


def test_nothing_of_a_partner_is_ever_a_term(case: CaraCase, clock: SettableClock) -> None:
    terms = select(SearchTerm.term, SearchTerm.participant_id)
    before = {tuple(row) for row in db.session.execute(terms)}
    details = PartnerDetails(name="Quillon Secretname", number="+447700900777")
    write_details(case.participant_id, details, actor=case.team.worker, now=clock.now())
    assert {tuple(row) for row in db.session.execute(terms)} == before
    for typed in ("quillon", "secretname", "900777"):
        assert names(case, typed, case.team.worker) == []


def test_many_are_paged_with_as_many_statements_as_few(case: CaraCase, clock: SettableClock) -> None:
    with statements() as for_one:
        find_people(case.team.lead, "sam")
    for number in range(PER_PAGE + 5):
        enrol(case, clock, f"Sam Number-{number:03}")
    with statements() as for_many:
        first = find_people(case.team.lead, "sam")
    second = find_people(case.team.lead, "sam", 2)
    assert len(for_many) == len(for_one)
    assert (len(first.enrolments), first.has_more) == (PER_PAGE, True)
    assert (len(second.enrolments), second.has_more) == (6, False)
    assert not {one.id for one in first.enrolments} & {one.id for one in second.enrolments}
