"""Suspension is neutral, hides nothing that came before it, and ends only as it may."""

from datetime import timedelta

import pytest

from programme_tracker.attendance.queries import mark_of
from programme_tracker.escalation.models import Decision
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.errors import Code
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.referrals.rules import Gate, PoliceDecision, SuspensionReason
from programme_tracker.workflows import deciding, journeys, police, referring, suspending
from programme_tracker.workflows.registers import submit_register
from tests import ready
from tests.factories.cases import CaraCase, attend
from tests.factories.records import enrolment, flags, is_whole, notice, notices, refused
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


def outcome(case: CaraCase, session_id: int | None) -> str | None:
    mark = mark_of(session_id or 0, case.enrolment_id)
    return mark.outcome if mark else None


def suspend(case: CaraCase, clock: SettableClock, reason: SuspensionReason) -> None:
    suspending.suspend(case.enrolment_id, reason, actor=case.team.lead, now=clock.now())


def resume(case: CaraCase, clock: SettableClock) -> None:
    suspending.resume(case.enrolment_id, actor=case.team.lead, now=clock.now())


def decided(case: CaraCase, clock: SettableClock, decision: PoliceDecision) -> None:
    police.police_decision(case.enrolment_id, decision, actor=case.team.officer, now=clock.now())


def test_session_during_a_suspension_is_excused_even_if_it_ended_before_the_register(
    case: CaraCase, clock: SettableClock
) -> None:
    clock.set(wall("2026-09-11 12:00"))
    suspend(case, clock, SuspensionReason.CUSTODY)
    clock.set(wall("2026-09-14 09:30"))
    resume(case, clock)
    attend(case, case.session_a_id, "absent", after=timedelta(days=2))
    assert outcome(case, case.session_a_id) == "excused_suspended"
    assert flags(case.enrolment_id) == []


def test_workshop_missed_before_a_suspension_is_still_reported(case: CaraCase, clock: SettableClock) -> None:
    clock.set(wall("2026-09-12 13:00"))
    suspending.rearrest(case.participant_id, actor=case.team.officer, now=clock.now())
    attend(case, case.session_a_id, "absent")
    assert outcome(case, case.session_a_id) == "absent"
    assert flags(case.enrolment_id) == [("mandated_session_missed", "red", "open")]
    advance(clock, wall("2026-09-14 17:00"), RecordingProvider())
    assert notice(case.enrolment_id, "breach", "police").released_at == clock.now()
    assert enrolment(case.enrolment_id).status == "suspended"


def test_workshop_missed_before_leaving_is_still_reported(case: CaraCase, clock: SettableClock) -> None:
    clock.set(wall("2026-09-12 13:00"))
    journeys.withdraw(case.enrolment_id, "moved away", actor=case.team.lead, now=clock.now())
    attend(case, case.session_a_id, "absent")
    assert flags(case.enrolment_id) == [("mandated_session_missed", "red", "open")]
    advance(clock, wall("2026-09-14 17:00"), RecordingProvider())
    assert notice(case.enrolment_id, "breach", "police").released_at == clock.now()
    assert enrolment(case.enrolment_id).status == "withdrawn"


def test_who_left_before_the_workshop_gets_no_mark(case: CaraCase, clock: SettableClock) -> None:
    journeys.withdraw(case.enrolment_id, "moved away", actor=case.team.lead, now=clock.now())
    clock.set(wall("2026-09-12 15:10"))
    submit_register(case.session_a_id or 0, {}, token="empty", actor=case.team.facilitator, now=clock.now())
    assert outcome(case, case.session_a_id) is None


def test_workshop_attended_before_a_suspension_keeps_its_credit(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "attended")
    clock.set(wall("2026-10-10 15:05"))
    suspend(case, clock, SuspensionReason.ILLNESS)
    attend(case, case.session_b_id, "attended")
    assert outcome(case, case.session_b_id) == "attended"
    resume(case, clock)
    assert enrolment(case.enrolment_id).status == "completed"
    assert [one.to_role for one in notices(case.enrolment_id, "completed")][:2] == ["victim_safety", "police"]


def test_who_came_before_a_suspension_comes_back_as_one_who_attends(
    case: CaraCase, clock: SettableClock
) -> None:
    clock.set(wall("2026-09-12 15:05"))
    suspend(case, clock, SuspensionReason.ILLNESS)
    attend(case, case.session_a_id, "attended")
    resume(case, clock)
    assert enrolment(case.enrolment_id).status == "attending"


def test_breach_that_police_hear_of_during_a_suspension_shows_after_it(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    suspend(case, clock, SuspensionReason.ILLNESS)
    advance(clock, wall("2026-09-14 17:00"), RecordingProvider())
    assert enrolment(case.enrolment_id).status == "suspended"
    resume(case, clock)
    assert enrolment(case.enrolment_id).status == "breach_reported"
    decided(case, clock, PoliceDecision.REBOOKED)
    assert enrolment(case.enrolment_id).status == "breach_decided"


def test_police_decision_leaves_a_suspension_that_the_rearrest_did_not_cause(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    deciding.decide(case.enrolment_id, Decision.PROCEED, actor=case.team.worker, now=clock.now())
    suspend(case, clock, SuspensionReason.SAFETY)
    decided(case, clock, PoliceDecision.REBOOKED)
    assert enrolment(case.enrolment_id).status == "suspended"
    resume(case, clock)
    assert enrolment(case.enrolment_id).status == "breach_decided"


def test_charge_ends_a_suspended_enrolment_too(case: CaraCase, clock: SettableClock) -> None:
    suspend(case, clock, SuspensionReason.ILLNESS)
    suspending.rearrest(case.participant_id, actor=case.team.officer, now=clock.now())
    decided(case, clock, PoliceDecision.CHARGED)
    assert enrolment(case.enrolment_id).status == "breach_decided"
    assert enrolment(case.enrolment_id).ended_at == clock.now()


def test_rearrest_tells_victim_safety_first_and_waits_for_police(
    case: CaraCase, clock: SettableClock
) -> None:
    suspending.rearrest(case.participant_id, actor=case.team.officer, now=clock.now())
    told = notices(case.enrolment_id, "rearrest")
    assert [one.to_role for one in told] == ["victim_safety", "police", "lead", "manager"]
    assert all(one.released_at == clock.now() for one in told)
    with refused(Code.NOT_ALLOWED):
        resume(case, clock)
    assert advance(clock, wall("2026-09-11 12:00"), provider := RecordingProvider()).is_complete
    assert provider.sent == [], "no text while suspended"
    decided(case, clock, PoliceDecision.EXCUSED)
    assert enrolment(case.enrolment_id).status == "breach_decided"
    assert is_whole()


def test_rearrest_of_somebody_suspended_already_waits_for_police_too(
    case: CaraCase, clock: SettableClock
) -> None:
    suspend(case, clock, SuspensionReason.ILLNESS)
    suspending.rearrest(case.participant_id, actor=case.team.officer, now=clock.now())
    with refused(Code.NOT_ALLOWED):
        resume(case, clock)
    decided(case, clock, PoliceDecision.EXCUSED)
    assert enrolment(case.enrolment_id).status == "breach_decided"


def test_rearrest_leaves_what_was_completed(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "attended")
    suspending.rearrest(case.participant_id, actor=case.team.officer, now=clock.now())
    assert enrolment(case.enrolment_id).status == "completed"
    assert len(notices(case.enrolment_id, "rearrest", "victim_safety")) == 1


def test_rearrest_after_the_caution_expired_changes_nothing(case: CaraCase, clock: SettableClock) -> None:
    clock.set(wall("2026-12-29 12:00"))
    suspending.rearrest(case.participant_id, actor=case.team.officer, now=clock.now())
    assert enrolment(case.enrolment_id).status == "enrolled"
    assert notices(case.enrolment_id, "rearrest") == []


def test_sign_off_withdrawn_suspends_and_only_a_new_one_lets_it_resume(
    case: CaraCase, clock: SettableClock
) -> None:
    team = case.team
    referring.sign_off(case.enrolment_id, Gate.WITHDRAWN, actor=team.worker, now=clock.now())
    assert enrolment(case.enrolment_id).status == "suspended"
    assert [one.to_role for one in notices(case.enrolment_id, "suspended")] == ["lead", "manager"]
    assert all("reason" not in one.facts for one in notices(case.enrolment_id, "suspended"))
    with refused(Code.GATE_NOT_GRANTED):
        resume(case, clock)
    referring.sign_off(case.enrolment_id, Gate.GRANTED, actor=team.worker, now=clock.now())
    resume(case, clock)
    assert enrolment(case.enrolment_id).status == "enrolled"


def test_police_decision_does_not_undo_a_withdrawn_sign_off(case: CaraCase, clock: SettableClock) -> None:
    suspending.rearrest(case.participant_id, actor=case.team.officer, now=clock.now())
    referring.sign_off(case.enrolment_id, Gate.WITHDRAWN, actor=case.team.worker, now=clock.now())
    decided(case, clock, PoliceDecision.EXCUSED)
    assert enrolment(case.enrolment_id).status == "suspended"
    with refused(Code.GATE_NOT_GRANTED):
        resume(case, clock)


def test_police_decide_only_when_they_were_asked(case: CaraCase, clock: SettableClock) -> None:
    with refused(Code.NOT_ALLOWED):
        decided(case, clock, PoliceDecision.EXCUSED)
    suspend(case, clock, SuspensionReason.ILLNESS)
    with refused(Code.NOT_ALLOWED):
        decided(case, clock, PoliceDecision.EXCUSED)


def test_suspending_is_for_those_who_work_the_case(case: CaraCase, clock: SettableClock) -> None:
    team = case.team
    for actor in (team.officer, team.facilitator, team.enforcement, team.admin):
        with refused(Code.NOT_ALLOWED):
            suspending.suspend(case.enrolment_id, SuspensionReason.OTHER, actor=actor, now=clock.now())
