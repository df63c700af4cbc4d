"""A whole CARA case by workflows, on both stores: what each step brings about, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import Case, Decision
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.referrals.rules import PoliceDecision
from programme_tracker.workflows import deciding, police
from tests import ready
from tests.factories.cases import CaraCase, attend
from tests.factories.records import (
    enrolment,
    events,
    flags,
    is_whole,
    notice,
    notices,
    tasks,
    texts,
    times_audited,
)
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


def test_both_workshops_attended_completes(case: CaraCase, clock: SettableClock) -> None:
    provider = RecordingProvider()
    advance(clock, wall("2026-09-12 15:00"), provider)
    assert [text.body.split()[0] for text in provider.sent] == ["Your", "Your"] + ["Reminder:"] * 3
    attend(case, case.session_a_id, "attended")
    assert enrolment(case.enrolment_id).status == "attending"
    assert [one.to_role for one in notices(case.enrolment_id, "started")] == ["victim_safety"]
    after_a = [one for one in tasks("partner_contact") if one.session_id == case.session_a_id]
    assert [one.due_on.isoformat() for one in after_a] == ["2026-09-16"]
    attend(case, case.session_b_id, "attended")
    assert enrolment(case.enrolment_id).status == "completed"
    assert enrolment(case.enrolment_id).ended_at == clock.now()
    assert [one.to_role for one in notices(case.enrolment_id, "completed")] == [
        "victim_safety",
        "police",
        "lead",
    ]
    assert times_audited("credit.given", credit="A") == times_audited("credit.given", credit="B") == 1
    assert flags(case.enrolment_id) == []
    assert enrolment(case.enrolment_id).reassess_at is None, "a completed case runs out of nothing"
    assert is_whole()


def test_missed_workshop_reaches_victim_safety_then_police_by_the_deadline(
    case: CaraCase, clock: SettableClock
) -> None:
    provider = RecordingProvider()
    attend(case, case.session_a_id, "absent")
    recorded_at = clock.now()
    assert flags(case.enrolment_id) == [("mandated_session_missed", "red", "open")]
    first = notice(case.enrolment_id, "breach", "victim_safety")
    assert first.released_at == recorded_at
    assert first.staff_id == case.team.worker.staff_id
    waiting = notice(case.enrolment_id, "breach", "police")
    assert waiting.released_at is None
    assert waiting.release_at == waiting.deadline_at == wall("2026-09-14 17:00")
    advance(clock, wall("2026-09-14 16:59"), provider)
    assert notice(case.enrolment_id, "breach", "police").released_at is None
    assert enrolment(case.enrolment_id).status == "enrolled"
    advance(clock, wall("2026-09-14 17:00"), provider)
    told = notice(case.enrolment_id, "breach", "police")
    assert told.released_at == wall("2026-09-14 17:00")
    assert told.staff_id == case.team.officer.staff_id
    assert notice(case.enrolment_id, "breach", "lead").released_at == told.released_at
    assert notices(case.enrolment_id, "breach", "referrer") == [], "the officer hears once, as police"
    assert enrolment(case.enrolment_id).status == "breach_reported"
    assert is_whole()


def test_police_are_told_their_facts_and_no_others(case: CaraCase) -> None:
    attend(case, case.session_a_id, "refused_late")
    assert notice(case.enrolment_id, "breach", "police").facts == {
        "name": "Sam O'Brien-Łukasz",
        "caution_reference": "C/2026/0117",
        "session_on": "2026-09-12",
        "session_label": "workshop A",
        "attendance": "refused",
    }
    assert "risk" in notice(case.enrolment_id, "breach", "victim_safety").facts


def test_missed_part_a_gives_up_part_b_and_its_texts(case: CaraCase, clock: SettableClock) -> None:
    provider = RecordingProvider()
    attend(case, case.session_a_id, "absent")
    assert times_audited("booking.ended", session_id=case.session_b_id) == 1
    assert {text.state.value for text in texts(case.session_b_id, "reminder")} == {"cancelled"}
    advance(clock, wall("2026-10-11 12:00"), provider)
    assert provider.sent == []


def test_decision_releases_before_the_deadline_and_acknowledges(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    clock.advance(timedelta(hours=1))
    deciding.decide(case.enrolment_id, Decision.PROCEED, actor=case.team.worker, now=clock.now())
    assert notice(case.enrolment_id, "breach", "police").released_at == clock.now()
    assert notice(case.enrolment_id, "breach", "victim_safety").acknowledged_at == clock.now()
    assert enrolment(case.enrolment_id).status == "breach_reported"
    released = events("notice.released")
    advance(clock, wall("2026-09-13 15:00"), RecordingProvider())
    assert events("notice.released") == released, "nothing is left to release"
    assert is_whole()


def test_decision_leaves_what_only_informs_to_be_read(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "absent")
    deciding.decide(case.enrolment_id, Decision.PROCEED, actor=case.team.worker, now=clock.now())
    assert notice(case.enrolment_id, "breach", "victim_safety").acknowledged_at == clock.now()
    started = notice(case.enrolment_id, "started", "victim_safety")
    assert (started.opened_at, started.acknowledged_at) == (None, None)


def test_police_decision_settles_the_case_and_its_notice(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    advance(clock, wall("2026-09-14 17:00"), RecordingProvider())
    police.police_decision(
        case.enrolment_id, PoliceDecision.REBOOKED, actor=case.team.officer, now=clock.now()
    )
    assert enrolment(case.enrolment_id).status == "breach_decided"
    assert flags(case.enrolment_id) == [("mandated_session_missed", "red", "cleared")]
    assert db.session.scalars(select(Case.closed_at)).all() == [clock.now()]
    assert notice(case.enrolment_id, "breach", "police").acknowledged_at == clock.now()
    assert is_whole()


def test_flag_names_the_policy_version_and_the_reminders_before_it(
    case: CaraCase, clock: SettableClock
) -> None:
    advance(clock, wall("2026-09-12 15:00"), RecordingProvider())
    attend(case, case.session_a_id, "absent")
    assert db.session.scalars(select(Flag.policy_version)).all() == [1]
    said = notice(case.enrolment_id, "breach", "victim_safety").facts["reminders"]
    assert said == "Reminders: 3 sent, delivery not confirmed"
