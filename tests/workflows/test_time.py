"""What time alone brings about: found at its moment, or later if nobody looked, but never lost."""

from datetime import date, datetime, timedelta

import pytest

from programme_tracker.jobs.due import run_due
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.people.models import Participant
from programme_tracker.referrals.rules import Gate, PoliceDecision
from programme_tracker.referrals.services import ReferralDetails
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.workflows import booking, journeys, one_to_ones, police, referring
from programme_tracker.workflows.sessions import SessionPlan
from tests import ready
from tests.factories.cases import CaraCase, attend, cara_case, cara_referral, sam
from tests.factories.records import enrolment, flags, is_whole, notice, notices, tasks
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


def work(clock: SettableClock) -> int:
    return run_due(RecordingProvider(), now=clock.now())


def unbook_all(case: CaraCase, now: datetime) -> None:
    for one in live_bookings(case.enrolment_id):
        booking.unbook(one.id, "moved away", actor=case.team.lead, now=now)


def test_pair_that_no_longer_fits_is_reported_at_nine(case: CaraCase, clock: SettableClock) -> None:
    unbook_all(case, clock.now())
    advance(clock, wall("2026-12-01 08:59"), RecordingProvider())
    assert flags(case.enrolment_id) == []
    advance(clock, wall("2026-12-01 09:00"), RecordingProvider())
    assert flags(case.enrolment_id) == [("cannot_complete_in_time", "red", "open")]
    assert notice(case.enrolment_id, "cannot_complete", "victim_safety").released_at == clock.now()
    assert notice(case.enrolment_id, "cannot_complete", "police").release_at == wall("2026-12-02 17:00")
    advance(clock, wall("2026-12-04 09:00"), RecordingProvider())
    assert len(notices(case.enrolment_id, "cannot_complete", "police")) == 1
    assert is_whole()


def test_writing_between_the_moment_and_the_workers_look_loses_nothing(
    case: CaraCase, clock: SettableClock
) -> None:
    unbook_all(case, clock.now())
    clock.set(wall("2026-12-01 09:03"))  # the worker was down at 09:00
    journeys.record_contact(case.enrolment_id, "call", None, actor=case.team.lead, now=clock.now())
    journeys.record_contact(case.enrolment_id, "call", None, actor=case.team.lead, now=clock.now())
    assert work(clock) > 0
    assert flags(case.enrolment_id) == [("cannot_complete_in_time", "red", "open")]
    assert work(clock) == 0, "found once, it is not looked at for ever"


def test_contact_made_while_the_worker_was_down_does_not_undo_what_was_due_before_it(
    case: CaraCase, clock: SettableClock
) -> None:
    team, now = case.team, clock.now()
    person = db.session.get_one(Participant, case.participant_id)
    details = ReferralDetails("baseline", "other", team.lead.staff_id or 0, lead_id=team.lead.staff_id)
    voluntary = referring.refer(person, details, actor=team.lead, now=now)
    assert voluntary is not None
    voluntary_id = voluntary.id
    referring.sign_off(voluntary_id, Gate.GRANTED, actor=team.worker, now=now)
    starts = datetime(2026, 9, 3, 14)  # noqa: DTZ001 - a wall time
    plan = SessionPlan("baseline", starts, [team.lead.staff_id or 0], kind="one_to_one")
    one_to_ones.book_one_to_one(plan, voluntary_id, actor=team.lead, now=now)
    assert enrolment(voluntary_id).reassess_at == wall("2026-09-17 09:00")
    clock.set(wall("2026-09-17 11:00"))
    journeys.record_contact(voluntary_id, "call", None, actor=team.lead, now=clock.now())
    work(clock)
    assert flags(voluntary_id) == [("no_contact", "red", "open")]
    assert enrolment(voluntary_id).reassess_at == wall("2026-10-01 09:00")


def test_three_days_of_outage_lose_no_deadline(case: CaraCase, clock: SettableClock) -> None:
    attend(case, case.session_a_id, "absent")
    clock.set(wall("2026-09-17 10:00"))
    while work(clock):
        pass
    assert notice(case.enrolment_id, "breach", "police").released_at == clock.now()
    assert len(notices(case.enrolment_id, "chase", "victim_safety")) == 1
    assert enrolment(case.enrolment_id).status == "breach_reported"
    assert is_whole()


def test_police_decision_after_which_the_pair_cannot_fit_is_reported_at_once(
    case: CaraCase, clock: SettableClock
) -> None:
    attend(case, case.session_a_id, "absent")
    advance(clock, wall("2026-09-14 17:00"), RecordingProvider())
    clock.set(wall("2026-12-04 11:00"))
    work(clock)
    police.police_decision(
        case.enrolment_id, PoliceDecision.EXCUSED, actor=case.team.officer, now=clock.now()
    )
    work(clock)
    assert flags(case.enrolment_id)[-1] == ("cannot_complete_in_time", "red", "open")


def test_longer_caution_gives_the_pair_its_time_again(case: CaraCase, clock: SettableClock) -> None:
    unbook_all(case, clock.now())
    advance(clock, wall("2026-12-02 17:00"), RecordingProvider())
    police.police_decision(
        case.enrolment_id,
        PoliceDecision.VARIED,
        actor=case.team.officer,
        now=clock.now(),
        caution_expires_on=date(2027, 2, 28),
    )
    assert work(clock) == 0
    assert enrolment(case.enrolment_id).reassess_at == wall("2027-02-01 09:00")
    assert flags(case.enrolment_id) == [("cannot_complete_in_time", "red", "cleared")]


def test_referral_without_a_workshop_is_asked_about_on_day_7_and_day_14(
    case: CaraCase, clock: SettableClock
) -> None:
    other = cara_case(case.team, person=sam(mobile="07700 900102"), signed_off=False)
    advance(clock, wall("2026-09-08 08:59"), RecordingProvider())
    assert tasks("first_contact", other.enrolment_id) == []
    advance(clock, wall("2026-09-20 12:00"), RecordingProvider())
    asked = tasks("first_contact", other.enrolment_id)
    assert [(one.to_role, one.staff_id, one.created_at) for one in asked] == [
        ("lead", case.team.lead.staff_id, wall("2026-09-08 09:00")),
        ("manager", None, wall("2026-09-15 09:00")),
    ]
    assert tasks("first_contact", case.enrolment_id) == []


def test_referral_accepted_late_is_still_asked_about(case: CaraCase, clock: SettableClock) -> None:
    team = case.team
    details = cara_referral(team)
    referral = referring.receive(sam(mobile="07700 900102"), details, actor=team.officer, now=clock.now())
    clock.advance(timedelta(days=10))
    late = referring.accept(
        referral.id,
        lead_id=team.lead.staff_id,
        worker_id=team.worker.staff_id,
        actor=team.lead,
        now=clock.now(),
    )
    late_id = late.id
    work(clock)
    assert [one.to_role for one in tasks("first_contact", late_id)] == ["lead"]
    assert enrolment(late_id).reassess_at == wall("2026-09-15 09:00")


def test_register_not_submitted_is_asked_for_at_noon_of_the_next_working_day(
    case: CaraCase, clock: SettableClock
) -> None:
    advance(clock, wall("2026-09-14 11:59"), RecordingProvider())
    assert tasks("submit_register") == []
    advance(clock, wall("2026-09-14 12:00"), RecordingProvider())
    (asked,) = tasks("submit_register")
    assert (asked.session_id, asked.staff_id) == (case.session_a_id, case.team.facilitator.staff_id)
    attend(case, case.session_a_id, "attended", after=timedelta(days=3))
    assert tasks("submit_register") == []


def test_workshop_held_whose_register_is_missing_is_no_pair_that_does_not_fit(
    case: CaraCase, clock: SettableClock
) -> None:
    clock.set(wall("2026-12-24 12:00"))
    work(clock)
    assert flags(case.enrolment_id) == []
    attend(case, case.session_a_id, "attended", after=timedelta(days=100))
    attend(case, case.session_b_id, "attended", after=timedelta(days=75))
    assert enrolment(case.enrolment_id).status == "completed"
