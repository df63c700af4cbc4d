"""Texts: planned with their cause, and looked at once more at the moment of sending."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from programme_tracker.attendance.models import Mark
from programme_tracker.jobs.due import run_due
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.messaging.rules import MessageState, SuppressionReason
from programme_tracker.messaging.services import lift_suppression, suppress_number
from programme_tracker.people import services as people
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import Gate, SuspensionReason
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.victim_safety.services import PartnerDetails, add_partner
from programme_tracker.workflows import booking, referring, sessions, suspending
from programme_tracker.workflows.delivering import take_report
from programme_tracker.workflows.reminder_record import reminders_before
from programme_tracker.workflows.replying import receive_reply
from tests import ready
from tests.factories.cases import CaraCase, cara_case, sam
from tests.factories.records import is_whole, notices, tasks, texts, times_audited
from tests.ready import wall

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

MOBILE = "+447700900101"
FIRST_REMINDER = wall("2026-09-05 10:00")


@pytest.fixture
def provider() -> RecordingProvider:
    return RecordingProvider()


def person_of(case: CaraCase) -> Participant:
    return db.session.get_one(Participant, case.participant_id)


def set_session(case: CaraCase, **values: object) -> None:
    session = db.session.get_one(Session, case.session_a_id)
    for name, value in values.items():
        setattr(session, name, value)


def set_enrolment(case: CaraCase, **values: object) -> None:
    enrolment = db.session.get_one(Enrolment, case.enrolment_id)
    for name, value in values.items():
        setattr(enrolment, name, value)


def record_outcome(case: CaraCase) -> None:
    db.session.add(
        Mark(
            session_id=case.session_a_id,
            enrolment_id=case.enrolment_id,
            outcome="attended",
            recorded_at=FIRST_REMINDER,
            was_mandated=True,
            at_high_risk=False,
        )
    )


#: What a text meets at the moment of sending, and why it then does not go.
OBSTACLES: dict[str, tuple[str, Callable[[CaraCase], object]]] = {
    "gate pending": ("gate", lambda case: set_enrolment(case, gate="pending")),
    "gate withdrawn": ("gate", lambda case: set_enrolment(case, gate="withdrawn", status="suspended")),
    "suspended": ("suspended", lambda case: set_enrolment(case, status="suspended")),
    "custody": (
        "in_custody",
        lambda case: set_enrolment(case, status="suspended", suspension_reason="custody"),
    ),
    "left": ("suspended", lambda case: set_enrolment(case, status="withdrawn")),
    "session moved": ("session_changed", lambda case: set_session(case, version=2)),
    "session cancelled": ("session_changed", lambda case: set_session(case, cancelled_at=FIRST_REMINDER)),
    "outcome recorded": ("outcome_recorded", record_outcome),
    "no number": ("number_invalid", lambda case: setattr(person_of(case), "mobile", None)),
    "landline": ("number_invalid", lambda case: setattr(person_of(case), "mobile", "+442079460018")),
    "opted out": ("opted_out", lambda case: setattr(person_of(case), "opted_out_at", FIRST_REMINDER)),
    "no consent at 16": ("reconsent", lambda case: setattr(person_of(case), "own_consent_at", None)),
    "suppressed": (
        "number_unusable",
        lambda case: suppress_number(
            MOBILE, SuppressionReason.WRONG_PERSON, actor=SYSTEM, now=FIRST_REMINDER
        ),
    ),
    "partner's number": (
        "number_unusable",
        lambda case: add_partner(
            case.participant_id, PartnerDetails("P", MOBILE), actor=SYSTEM, now=FIRST_REMINDER
        ),
    ),
}

#: Where a person has to ring, since no text will tell.
RING = {"number_invalid", "number_unusable", "opted_out", "number_shared"}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_text_meets_an_obstacle_and_is_blocked_with_its_reason(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider, obstacle: str
) -> None:
    run_due(provider, now=clock.now())
    gone = len(provider.sent)
    reason, put_in_the_way = OBSTACLES[obstacle]
    with transaction():
        put_in_the_way(case)
    run_due(provider, now=FIRST_REMINDER)
    assert len(provider.sent) == gone
    first = texts(case.session_a_id, "reminder")[0]
    assert (first.state, first.blocked_reason) == (MessageState.BLOCKED, reason)
    assert times_audited("message.blocked", reason=reason) == 1
    assert bool(tasks("call_participant", case.enrolment_id)) is (reason in RING)
    assert is_whole()


def test_shared_number_blocks_both_until_somebody_allows_it(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    cara_case(case.team, person=sam(name="His Brother"), sessions=(case.session_a_id, case.session_b_id))
    assert len(tasks("check_number")) == 2
    run_due(provider, now=clock.now())
    assert provider.sent == []
    blocked = texts(case.session_a_id, "booked")
    assert {text.blocked_reason for text in blocked} == {"number_shared"}
    for participant_id in (case.participant_id, case.participant_id + 1):
        with transaction():
            people.allow_sharing(
                db.session.get_one(Participant, participant_id),
                "brothers, one phone",
                actor=case.team.lead,
                now=clock.now(),
            )
    run_due(provider, now=FIRST_REMINDER)
    assert len(provider.sent) == 2


def test_text_due_at_night_waits_for_nine(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    run_due(provider, now=clock.now())
    provider.sent.clear()
    for late in ("2026-09-05 20:01", "2026-09-06 08:59"):
        run_due(provider, now=wall(late))
        assert provider.sent == []
    assert texts(case.session_a_id, "reminder")[0].send_at == wall("2026-09-06 09:00")
    run_due(provider, now=wall("2026-09-06 09:00"))
    assert len(provider.sent) == 1


def test_reminder_still_waiting_when_the_session_starts_has_expired(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    run_due(provider, now=wall("2026-09-12 10:00"))
    assert [text.session_id for text in map(message_of, provider.sent)] == [case.session_b_id]
    assert {text.state.value for text in texts(case.session_a_id)} == {"expired"}


def message_of(sent: object) -> Message:
    return db.session.get_one(Message, sent.message_id)  # type: ignore[attr-defined]  # a SentText


def test_nothing_goes_after_a_cancellation_but_the_news_of_it(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    run_due(provider, now=clock.now())
    provider.sent.clear()
    clock.set(wall("2026-09-04 12:00"))
    sessions.cancel_session(case.session_a_id or 0, "flooded", actor=case.team.lead, now=clock.now())
    told = notices(case.enrolment_id, "programme_change")
    assert [(one.to_role, one.released_at) for one in told] == [("victim_safety", clock.now())]
    advance(clock, wall("2026-09-04 12:14"), provider)
    assert provider.sent == [], "victim safety has a quarter of an hour"
    advance(clock, wall("2026-09-13 12:00"), provider)
    assert [text.kind.value for text in map(message_of, provider.sent)] == ["cancelled"]
    assert is_whole()


def test_session_moved_twice_is_one_changed_text_with_the_last_time(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    run_due(provider, now=clock.now())
    provider.sent.clear()
    clock.set(wall("2026-09-04 12:00"))
    for hour in (11, 12):
        starts = datetime(2026, 9, 12, hour)  # noqa: DTZ001 - a wall time
        sessions.move_session(case.session_a_id or 0, starts, actor=case.team.lead, now=clock.now())
        clock.advance(timedelta(minutes=5))
    advance(clock, wall("2026-09-04 20:00"), provider)
    (sent,) = provider.sent
    assert "12pm" in sent.body or "12 noon" in sent.body or "12.00" in sent.body, sent.body
    assert "11am" not in sent.body
    advance(clock, wall("2026-09-12 12:30"), provider)
    reminders = [text for text in map(message_of, provider.sent) if text.kind.value == "reminder"]
    assert [(text.session_version, text.offset_days) for text in reminders] == [(3, 7), (3, 3), (3, 1)]
    assert len(notices(case.enrolment_id, "programme_change")) == 2
    said = reminders_before(case.session_a_id or 0, case.enrolment_id)
    assert said == "Reminders: 3 sent, delivery not confirmed", "those taken back by the move do not count"


def test_move_forgets_that_the_old_time_was_confirmed(case: CaraCase, clock: SettableClock) -> None:
    receive_reply(MOBILE, "1", now=clock.now())
    assert times_audited("booking.confirmed", session_id=case.session_a_id) == 1
    starts = datetime(2026, 9, 12, 11)  # noqa: DTZ001 - a wall time
    sessions.move_session(case.session_a_id or 0, starts, actor=case.team.lead, now=clock.now())
    assert [one.confirmed_at for one in live_bookings(case.enrolment_id)] == [None, None]


def test_unbooked_and_booked_again_plans_its_texts_again(case: CaraCase, clock: SettableClock) -> None:
    first = live_bookings(case.enrolment_id)[0]
    booking.unbook(first.id, "not sure", actor=case.team.lead, now=clock.now())
    assert {text.state.value for text in texts(case.session_a_id)} == {"cancelled"}
    booking.book(case.session_a_id or 0, case.enrolment_id, actor=case.team.lead, now=clock.now())
    assert [text.state.value for text in texts(case.session_a_id)] == ["planned"] * 4


def test_withdrawn_sign_off_stops_every_text_and_a_new_one_lets_them_go(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    team = case.team
    referring.sign_off(case.enrolment_id, Gate.WITHDRAWN, actor=team.worker, now=clock.now())
    advance(clock, wall("2026-09-06 12:00"), provider)
    assert provider.sent == []
    referring.sign_off(case.enrolment_id, Gate.GRANTED, actor=team.worker, now=clock.now())
    suspending.resume(case.enrolment_id, actor=team.lead, now=clock.now())
    advance(clock, wall("2026-09-09 12:00"), provider)
    # Both bookings, of which no text had told yet; the reminder missed meanwhile is not sent late.
    sent = [(text.kind.value, text.offset_days) for text in map(message_of, provider.sent)]
    assert sent == [("booked", None), ("booked", None), ("reminder", 3)]


def test_stop_ends_texts_on_every_enrolment_and_is_no_absence(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    run_due(provider, now=clock.now())
    provider.sent.clear()
    for body in ("STOP", "Stop please", "start", "yes"):
        receive_reply(MOBILE, body, now=clock.now())
    advance(clock, wall("2026-09-12 09:00"), provider)
    assert provider.sent == []
    assert person_of(case).opted_out_at == clock_start()
    assert times_audited("flag.raised") == 0
    with transaction():
        people.opt_in(person_of(case), actor=case.team.lead, now=clock.now())
    advance(clock, wall("2026-10-09 12:00"), provider)
    assert len(provider.sent) == 3


def clock_start() -> datetime:
    return ready.START


def test_same_reply_delivered_twice_is_one(case: CaraCase, clock: SettableClock) -> None:
    for _ in range(2):
        receive_reply(MOBILE, "2", now=clock.now(), provider_sid="SM1")
    assert len(tasks("call_participant", case.enrolment_id)) == 1
    assert times_audited("message.inbound") == 1


def test_wrong_person_reply_silences_the_number_and_tells_victim_safety_alone(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    run_due(provider, now=clock.now())
    provider.sent.clear()
    receive_reply(MOBILE, "he left, this is his ex", now=clock.now())
    (told,) = notices(case.enrolment_id, "wrong_person")
    assert (told.to_role, told.must_acknowledge) == ("victim_safety", True)
    assert "ex" not in str(told.facts).replace("exact", "").split()
    (asked,) = tasks("check_number", case.enrolment_id)
    assert asked.why == "Number unusable. Ask for another."
    advance(clock, wall("2026-09-06 12:00"), provider)
    assert provider.sent == []
    lift_suppression(MOBILE, actor=case.team.worker, now=clock.now())
    advance(clock, wall("2026-09-09 12:00"), provider)
    assert len(provider.sent) == 1


def test_reminder_that_did_not_arrive_makes_a_call_before_the_session(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    advance(clock, FIRST_REMINDER, provider)
    last = provider.sent[-1]
    for _ in range(2):
        take_report("undelivered", now=clock.now(), message_id=last.message_id, error_code="30004")
    (asked,) = tasks("call_participant", case.enrolment_id)
    assert (asked.session_id, asked.staff_id) == (case.session_a_id, case.team.lead.staff_id)


def test_booked_text_in_the_evening_goes_in_the_morning_or_at_once_for_an_early_start(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    clock.set(wall("2026-09-10 21:30"))
    team = case.team
    for starts, number in ((datetime(2026, 9, 11, 9, 30), 1), (datetime(2026, 9, 11, 10), 2)):  # noqa: DTZ001 - wall times
        other = cara_case(
            team, person=sam(mobile=f"07700 90040{number}"), part_a=None, part_b=None, booked=False
        )
        plan = sessions.SessionPlan("cara", starts, [], part="A")
        made_id = sessions.create_session(plan, actor=team.lead, now=clock.now()).id
        booking.book(made_id, other.enrolment_id, actor=team.lead, now=clock.now())
        run_due(provider, now=clock.now())
        (text,) = texts(made_id, "booked")
        assert (text.state is MessageState.ACCEPTED) is (number == 1)
    assert len(provider.sent) == 1
    run_due(provider, now=wall("2026-09-11 09:00"))
    assert provider.sent[-1].to == "+447700900402"


def test_under_16_texts_go_to_the_guardian_and_pause_at_16(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    """The rule is the person's, whatever the programme."""
    with transaction():
        young = person_of(case)
        young.born_on, young.own_consent_at = date(2010, 9, 8), None
        guardian = people.GuardianDetails("A Guardian", "+447700900555", has_consented=True)
        people.set_guardian(young, guardian, actor=case.team.lead, now=clock.now())
    advance(clock, FIRST_REMINDER, provider)
    assert {text.to for text in provider.sent} == {"+447700900555"}
    gone = len(provider.sent)
    advance(clock, wall("2026-09-11 12:00"), provider)
    assert len(provider.sent) == gone
    assert times_audited("message.blocked", reason="reconsent") == 2


@pytest.mark.parametrize("facts", [{"is_barred": True}, {"has_consented": False}])
def test_guardian_barred_or_without_consent_gets_nothing(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider, facts: dict[str, bool]
) -> None:
    with transaction():
        young = person_of(case)
        young.born_on, young.own_consent_at = date(2011, 9, 8), None
        guardian = people.GuardianDetails(
            "A Guardian", "+447700900555", facts.get("has_consented", True), facts.get("is_barred", False)
        )
        people.set_guardian(young, guardian, actor=case.team.lead, now=clock.now())
    run_due(provider, now=clock.now())
    assert provider.sent == []
    assert times_audited("message.blocked", reason="reconsent") == 2


def test_custody_stops_texts_and_release_lets_the_next_go(
    case: CaraCase, clock: SettableClock, provider: RecordingProvider
) -> None:
    run_due(provider, now=clock.now())
    suspending.suspend(case.enrolment_id, SuspensionReason.CUSTODY, actor=case.team.lead, now=clock.now())
    advance(clock, wall("2026-09-06 12:00"), provider)
    assert times_audited("message.blocked", reason="in_custody") == 1
    suspending.resume(case.enrolment_id, actor=case.team.lead, now=clock.now())
    advance(clock, wall("2026-09-09 12:00"), provider)
    assert provider.sent[-1].validity_seconds > 0
    assert len(provider.sent) == 3
