"""Cases and notices as rows: released once, in order, and never after they were taken back."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from programme_tracker.escalation.models import Case, Notice
from programme_tracker.escalation.rules import Addressee
from programme_tracker.escalation.services import (
    NoticeDetails,
    NoticeOrderError,
    acknowledge_notice,
    cancel_notice,
    change_facts,
    close_case,
    ensure_case,
    plan_notice,
    release,
)
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from tests import ready
from tests.factories.cases import CaraCase, attend
from tests.factories.records import is_whole, notice, row_counts, times_audited

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


def planned(case: CaraCase, clock: SettableClock, to: str = "lead", **facts: object) -> Notice:
    details = NoticeDetails("breach", case.enrolment_id, facts=facts)
    return plan_notice(details, Addressee(to), release_at=clock.now() + timedelta(hours=1), now=clock.now())


def test_enforcement_before_victim_safety_is_an_error_and_leaves_no_trace(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    first = notice(case.enrolment_id, "breach", "victim_safety")
    with transaction():
        first.released_at = None
    police = notice(case.enrolment_id, "breach", "police")
    before = row_counts()
    with pytest.raises(NoticeOrderError, match="Victim safety has not been told"):
        release(police, staff_id=1, chase_at=None, now=clock.now())
    assert row_counts() == before
    assert notice(case.enrolment_id, "breach", "police").released_at is None


def test_order_is_waived_for_danger_alone_and_recorded(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    with transaction():
        notice(case.enrolment_id, "breach", "victim_safety").released_at = None
    police = notice(case.enrolment_id, "breach", "police")
    release(police, staff_id=1, chase_at=None, now=clock.now(), out_of_order=True)
    assert times_audited("notice.released", to="police", order_waived=True) == 1


def test_notice_is_released_once(case: CaraCase, clock: SettableClock) -> None:
    one = planned(case, clock)
    released_at = clock.now()
    release(one, staff_id=3, chase_at=None, now=released_at)
    clock.advance(timedelta(hours=2))
    release(one, staff_id=4, chase_at=None, now=clock.now())
    assert (one.released_at, one.release_at, one.staff_id) == (released_at, None, 3)
    assert times_audited("notice.released", to="lead") == 1
    assert not cancel_notice(one, actor=SYSTEM, now=clock.now())


def test_cancelled_notice_is_never_released(case: CaraCase, clock: SettableClock) -> None:
    one = planned(case, clock)
    assert cancel_notice(one, actor=SYSTEM, now=clock.now())
    assert not cancel_notice(one, actor=SYSTEM, now=clock.now())
    release(one, staff_id=3, chase_at=None, now=clock.now())
    assert one.released_at is None
    assert one.release_at is None


def test_only_what_was_released_is_acknowledged_and_the_first_counts(
    case: CaraCase, clock: SettableClock
) -> None:
    one = planned(case, clock)
    acknowledge_notice(one, actor=case.team.lead, now=clock.now())
    assert one.acknowledged_at is None
    release(one, staff_id=None, chase_at=None, now=clock.now())
    for actor in (case.team.lead, case.team.manager):
        acknowledge_notice(one, actor=actor, now=clock.now())
    assert one.acknowledged_by == case.team.lead.staff_id
    assert times_audited("notice.acknowledged") == 1


def test_planned_notice_holds_what_its_recipient_may_know(case: CaraCase, clock: SettableClock) -> None:
    one = planned(case, clock, "police", name="Sam", risk="high", reason_offered=None)
    assert one.facts == {"name": "Sam"}
    assert times_audited("notice.planned", to="police") == 1
    change_facts(one, {"reason_offered": "medical", "risk": "high"}, actor=SYSTEM, now=clock.now())
    assert one.facts == {"name": "Sam", "reason_offered": "medical"}
    change_facts(one, {"reason_offered": None}, actor=SYSTEM, now=clock.now())
    assert one.facts == {"name": "Sam"}
    release(one, staff_id=1, chase_at=None, now=clock.now())
    change_facts(one, {"name": "Lee"}, actor=SYSTEM, now=clock.now())
    assert one.facts == {"name": "Sam"}, "what was said stays said"


def test_one_open_case_an_enrolment(case: CaraCase, clock: SettableClock) -> None:
    first = ensure_case(case.enrolment_id, now=clock.now())
    assert ensure_case(case.enrolment_id, now=clock.now()).id == first.id
    with pytest.raises(IntegrityError), transaction():
        db.session.add(Case(enrolment_id=case.enrolment_id, opened_at=clock.now()))
    for _ in range(2):
        close_case(first, "settled", actor=SYSTEM, now=clock.now())
    assert times_audited("case.closed") == 1
    assert ensure_case(case.enrolment_id, now=clock.now()).id != first.id
    assert is_whole()
