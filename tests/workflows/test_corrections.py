"""Corrections append and ripple: flags, notices, places, status; and undo nothing that stands."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from programme_tracker.attendance.models import CorrectionRequest, Mark
from programme_tracker.attendance.queries import history_of
from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import Case, Decision
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.referrals.rules import PoliceDecision
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.workflows import booking, deciding, police, registers, sessions
from tests import ready
from tests.factories.accounts import make_staff
from tests.factories.cases import CaraCase, attend, cara_case, sam
from tests.factories.records import (
    enrolment,
    flags,
    is_whole,
    notice,
    notices,
    refused,
    tasks,
    texts,
    times_audited,
)
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

LETTER = MarkDetails(Outcome.ABSENT_ACCEPTABLE, reason="medical", evidence="hospital letter")


def correct(
    case: CaraCase,
    clock: SettableClock,
    details: str | MarkDetails,
    *,
    session_id: int | None = None,
    approved_by: Actor | None = None,
) -> Any:
    if isinstance(details, str):
        details = MarkDetails(Outcome(details))
    return registers.correct(
        session_id or case.session_a_id or 0,
        case.enrolment_id,
        details,
        why="marked the wrong line",
        actor=case.team.facilitator,
        approved_by=approved_by,
        now=clock.now(),
    )


def tell_police(case: CaraCase, clock: SettableClock) -> None:
    deciding.decide(case.enrolment_id, Decision.PROCEED, actor=case.team.worker, now=clock.now())


def test_before_police_are_told_the_notices_are_cancelled_and_victim_safety_corrected(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    clock.advance(timedelta(hours=1))
    correct(case, clock, "attended")
    assert flags(case.enrolment_id) == [("mandated_session_missed", "red", "recorded_in_error")]
    for to in ("police", "lead"):
        assert notice(case.enrolment_id, "breach", to).cancelled_at == clock.now()
        assert notice(case.enrolment_id, "breach", to).release_at is None
    (correction,) = notices(case.enrolment_id, "correction")
    assert (correction.to_role, correction.must_acknowledge) == ("victim_safety", True)
    assert correction.about_id == notice(case.enrolment_id, "breach", "victim_safety").id
    assert db.session.scalars(select(Case.closed_at)).all() == [clock.now()]
    assert enrolment(case.enrolment_id).status == "attending"
    assert times_audited("credit.given", credit="A") == 1
    advance(clock, wall("2026-09-15 12:00"), RecordingProvider())
    assert notice(case.enrolment_id, "breach", "police").released_at is None
    assert is_whole()


def test_after_police_were_told_a_second_person_must_approve(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    tell_police(case, clock)
    clock.advance(timedelta(hours=1))
    for approver in (None, case.team.facilitator, case.team.worker, case.team.officer):
        with refused(Code.NEEDS_APPROVAL):
            correct(case, clock, "attended", approved_by=approver)
    correct(case, clock, "attended", approved_by=case.team.manager)
    assert [one.to_role for one in notices(case.enrolment_id, "correction")] == [
        "victim_safety",
        "police",
        "lead",
    ]
    assert all(one.released_at == clock.now() for one in notices(case.enrolment_id, "correction"))
    assert notice(case.enrolment_id, "correction", "police").facts["attendance"] == "attended"
    assert notice(case.enrolment_id, "breach", "police").released_at is not None, "the original stays"
    assert enrolment(case.enrolment_id).status == "attending"
    assert is_whole()


def test_originals_stay_and_only_the_last_mark_counts(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    correct(case, clock, "attended")
    correct(case, clock, "absent")
    rows = history_of(case.session_a_id or 0, case.enrolment_id)
    assert [(row.outcome, row.is_current) for row in rows] == [
        ("absent", True),
        ("attended", False),
        ("absent", False),
    ]
    assert [row.corrects_id for row in rows] == [rows[1].id, rows[2].id, None]


def test_same_correction_twice_tells_nobody_twice(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    tell_police(case, clock)
    for _ in range(3):
        correct(case, clock, "attended", approved_by=case.team.manager)
    assert len(notices(case.enrolment_id, "correction")) == 3
    assert times_audited("flag.ended") == 1
    assert times_audited("credit.given", credit="A") == 1
    assert [one.session_id for one in live_bookings(case.enrolment_id)] == [
        case.session_a_id,
        case.session_b_id,
    ]
    assert is_whole()


def test_absence_that_comes_back_is_reported_anew(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    correct(case, clock, "attended")
    clock.set(wall("2026-09-15 11:00"))
    correct(case, clock, "absent")
    assert [state for _, _, state in flags(case.enrolment_id)] == ["recorded_in_error", "open"]
    fresh = notices(case.enrolment_id, "breach", "police")[-1]
    assert fresh.release_at == wall("2026-09-16 17:00"), "deadlines run from the correction"
    assert is_whole()


def test_attended_found_absent_later_is_reported_and_gives_up_part_b(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "attended")
    clock.set(wall("2026-09-16 10:00"))
    correct(case, clock, "absent")
    assert flags(case.enrolment_id) == [("mandated_session_missed", "red", "open")]
    assert [one.session_id for one in live_bookings(case.enrolment_id)] == [case.session_a_id]
    assert enrolment(case.enrolment_id).status == "enrolled"
    assert notice(case.enrolment_id, "breach", "police").release_at == wall("2026-09-17 17:00")


def test_completed_found_absent_later_is_open_again(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "attended")
    correct(case, clock, "absent", session_id=case.session_b_id)
    assert enrolment(case.enrolment_id).status == "attending"
    assert enrolment(case.enrolment_id).ended_at is None
    assert notice(case.enrolment_id, "breach", "police").release_at == wall("2026-10-12 17:00")


def test_explanation_before_the_deadline_goes_along_and_cancels_nothing(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    correct(case, clock, LETTER)
    assert flags(case.enrolment_id) == [("mandated_session_missed", "red", "open")]
    advance(clock, wall("2026-09-14 17:00"), RecordingProvider())
    told = notice(case.enrolment_id, "breach", "police")
    assert told.released_at == clock.now()
    assert told.facts["reason_offered"] == "medical"
    assert "evidence" not in told.facts
    assert notices(case.enrolment_id, "correction") == []
    assert times_audited("notice.brought_up_to_date") == 2, "police's and the lead's"


def test_explanation_after_police_were_told_needs_nobody_and_undoes_nothing(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    tell_police(case, clock)
    before = notice(case.enrolment_id, "breach", "police").facts
    correct(case, clock, LETTER)
    assert notice(case.enrolment_id, "breach", "police").facts == before, "what was said stays"
    assert notices(case.enrolment_id, "correction") == []
    assert enrolment(case.enrolment_id).status == "breach_reported"


def test_part_b_comes_back_with_its_reminders(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    correct(case, clock, "attended")
    assert [one.session_id for one in live_bookings(case.enrolment_id)] == [
        case.session_a_id,
        case.session_b_id,
    ]
    assert [one.state.value for one in texts(case.session_b_id, "reminder")] == ["planned"] * 3


def test_part_b_whose_place_is_gone_is_asked_for_instead(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    with transaction():
        db.session.get_one(Session, case.session_b_id).capacity = 1
    other = cara_case(case.team, person=sam(mobile="07700 900102"), part_a=None, part_b=None)
    lead = case.team.lead
    starts = datetime(2026, 9, 12, 16)  # noqa: DTZ001 - a wall time
    plan = sessions.SessionPlan("cara", starts, [make_staff().id], part="A", minutes=60)
    part_a = sessions.create_session(plan, actor=lead, now=clock.now())
    booking.book(part_a.id, other.enrolment_id, actor=lead, now=clock.now())
    booking.book(case.session_b_id or 0, other.enrolment_id, actor=lead, now=clock.now())
    correct(case, clock, "attended")
    assert [one.session_id for one in live_bookings(case.enrolment_id)] == [case.session_a_id]
    (asked,) = tasks("book_catch_up", case.enrolment_id)
    assert asked.session_id == case.session_b_id


def test_correction_after_police_decided_is_told_to_all_the_same(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    tell_police(case, clock)
    police.police_decision(
        case.enrolment_id, PoliceDecision.CHARGED, actor=case.team.officer, now=clock.now()
    )
    with refused(Code.NEEDS_APPROVAL):
        correct(case, clock, "attended")
    correct(case, clock, "attended", approved_by=case.team.manager)
    assert notice(case.enrolment_id, "correction", "police").released_at == clock.now()
    assert enrolment(case.enrolment_id).status == "breach_decided", "police alone undo their decision"
    assert is_whole()


def test_correction_of_one_thing_leaves_another_that_stands(case: CaraCase, clock: SettableClock) -> None:
    """A caution so short that a missed part B also means that no pair fits any more."""
    other = cara_case(
        case.team,
        person=sam(mobile="07700 900102"),
        sessions=(case.session_a_id, case.session_b_id),
        caution_expires_on=datetime(2026, 11, 7).date(),  # noqa: DTZ001 - a date
    )
    attend(other, case.session_a_id, "attended")
    attend(other, case.session_b_id, "absent")
    advance(clock, wall("2026-10-12 17:00"), RecordingProvider())
    both = [("mandated_session_missed", "red", "open"), ("cannot_complete_in_time", "red", "open")]
    assert flags(other.enrolment_id) == both
    correct(other, clock, LETTER, session_id=case.session_b_id)
    assert flags(other.enrolment_id) == both
    assert notices(other.enrolment_id, "correction") == []


def test_cleared_miss_still_on_its_way_is_not_lost_by_a_correction_of_another(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "absent")
    (flag_id,) = db.session.scalars(select(Flag.id))
    deciding.clear(flag_id, "spoken with him", actor=case.team.lead, now=clock.now())
    correct(case, clock, "absent")
    correct(case, clock, "attended")
    advance(clock, wall("2026-10-12 17:00"), RecordingProvider())
    told = [one for one in notices(case.enrolment_id, "breach", "police") if one.released_at]
    assert [one.session_id for one in told] == [case.session_b_id]


def test_mark_of_a_session_we_cancelled_cannot_become_an_absence(
    case: CaraCase, clock: SettableClock
) -> None:
    sessions.cancel_session(case.session_a_id or 0, "flooded", actor=case.team.lead, now=clock.now())
    clock.set(wall("2026-09-13 10:00"))
    with refused(Code.NOT_ALLOWED):
        correct(case, clock, "absent")
    assert flags(case.enrolment_id) == []


def test_correction_needs_a_mark_and_somebody_who_delivers(case: CaraCase, clock: SettableClock) -> None:
    with refused(Code.NOT_ALLOWED):
        correct(case, clock, "attended")
    attend(case, case.session_a_id, "absent")
    with refused(Code.NOT_ALLOWED):
        registers.correct(
            case.session_a_id or 0,
            case.enrolment_id,
            MarkDetails(Outcome.ATTENDED),
            why="x",
            actor=case.team.officer,
            now=clock.now(),
        )
    for details, field in (
        (MarkDetails(Outcome.SENT_HOME), "note"),
        (MarkDetails(Outcome.EXCUSED_PROVIDER), "outcome"),
    ):
        with refused(Code.NOT_ALLOWED) as caught:
            correct(case, clock, details)
        assert caught.value.field == field


def ask(case: CaraCase, clock: SettableClock, actor: Actor | None = None) -> Any:
    return registers.request_correction(
        case.session_a_id or 0,
        case.enrolment_id,
        MarkDetails(Outcome.ATTENDED),
        why="wrong line",
        actor=actor or case.team.facilitator,
        now=clock.now(),
    )


def test_correction_asked_for_waits_and_is_approved_by_another(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    tell_police(case, clock)
    asked = ask(case, clock)
    assert isinstance(asked, CorrectionRequest)
    asked_id = asked.id
    assert ask(case, clock).id == asked_id, "asked twice is asked once"
    assert db.session.query(Mark).count() == 1
    with refused(Code.NOT_ALLOWED):
        registers.decide_correction(asked_id, approve=True, actor=case.team.lead, now=clock.now())
    registers.decide_correction(asked_id, approve=True, actor=case.team.manager, now=clock.now())
    assert len(notices(case.enrolment_id, "correction")) == 3
    with refused(Code.NOT_ALLOWED):
        registers.decide_correction(asked_id, approve=True, actor=case.team.manager, now=clock.now())
    assert is_whole()


def test_manager_cannot_approve_what_they_asked_for(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    tell_police(case, clock)
    asked_id = ask(case, clock, case.team.manager).id
    with refused(Code.NEEDS_APPROVAL):
        registers.decide_correction(asked_id, approve=True, actor=case.team.manager, now=clock.now())
    second = make_staff(Role.MANAGER).actor
    registers.decide_correction(asked_id, approve=True, actor=second, now=clock.now())
    assert flags(case.enrolment_id)[0][2] == "recorded_in_error"


def test_correction_refused_changes_nothing(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    tell_police(case, clock)
    asked_id = ask(case, clock).id
    registers.decide_correction(asked_id, approve=False, actor=case.team.manager, now=clock.now())
    assert flags(case.enrolment_id) == [("mandated_session_missed", "red", "open")]
    assert notices(case.enrolment_id, "correction") == []


def test_correction_approved_after_the_mark_changed_again_is_refused(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    tell_police(case, clock)
    asked_id = ask(case, clock).id
    correct(case, clock, LETTER)
    with pytest.raises(RefusedError):
        registers.decide_correction(asked_id, approve=True, actor=case.team.manager, now=clock.now())
    assert db.session.get_one(CorrectionRequest, asked_id).decided_at is None
