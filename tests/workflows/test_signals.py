"""Every row of the table of signals, as the answer to a text and as a callback about one."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from programme_tracker.jobs.due import run_due
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging import queries, services
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers import SignalKind
from programme_tracker.messaging.providers.signals import DEFAULT_ROW, TABLE
from programme_tracker.messaging.providers.twilio import TwilioProvider
from programme_tracker.messaging.queries import is_suppressed
from programme_tracker.messaging.rules import MessageState
from programme_tracker.people.models import Participant
from programme_tracker.workflows.delivering import take_report
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import tasks, times_audited
from tests.ready import wall
from tests.twilio_stub import Behaviour, TwilioStub, fixtures

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template
stub, twilio = fixtures.stub, fixtures.twilio

S, K = MessageState, SignalKind
MOBILE = "+447700900101"
REMINDER_AT = wall("2026-09-05 10:00")

#: Class → the wait before the next attempt, None where there is none.
RETRY = {
    K.NEVER_PROCESSED: timedelta(seconds=30),
    K.CONFIGURATION: timedelta(minutes=15),
    K.QUEUE_FULL: timedelta(minutes=15),
    K.UNREACHABLE: timedelta(hours=2),
    K.PASSING: timedelta(minutes=30),
}
CODES = sorted((signal, row.kind) for row in TABLE for signal in row.signals if signal.isdecimal())
CODES = [*CODES, ("21999", DEFAULT_ROW.kind)]


def reminder() -> Message:
    """Return the first reminder of the first workshop as it stands."""
    db.session.rollback()
    found = select(Message).where(Message.kind == "reminder").order_by(Message.send_at)
    message = db.session.scalars(found).first()
    assert message is not None
    return message


def open_tasks(case: CaraCase) -> set[str]:
    kinds = {kind for kind in ("call_participant", "check_number") if tasks(kind, case.enrolment_id)}
    return kinds | {"sending_fault" for _ in tasks("sending_fault", None)}


def expected_tasks(kind: SignalKind, final: bool) -> set[str]:
    wanted = {"sending_fault"} if kind in {K.CONFIGURATION, K.SENDER, K.DEFECT, K.PERMANENT} else set()
    if final:
        wanted.add("call_participant")
    if kind is K.NUMBER:
        wanted.add("check_number")
    return wanted


def check(case: CaraCase, kind: SignalKind, ended: MessageState, now: datetime) -> None:
    """See that the table was followed, whatever way the signal came."""
    message, wait = reminder(), RETRY.get(kind)
    if wait is None:
        assert message.state is ended
    else:
        assert message.state is S.PLANNED
        assert wait <= message.send_at - now <= 2 * wait
    assert message.attempts == (0 if kind in {K.CONFIGURATION, K.QUEUE_FULL} else 1)
    assert queries.is_paused(now) is (kind in {K.CONFIGURATION, K.QUEUE_FULL})
    assert is_suppressed(MOBILE) is (kind is K.NUMBER)
    person = db.session.get_one(Participant, case.participant_id)
    assert (person.opted_out_at is not None) is (kind is K.STOPPED)
    assert open_tasks(case) == expected_tasks(kind, final=wait is None)
    assert times_audited("flag.raised") == 0


@pytest.mark.parametrize(("signal", "kind"), [pair for pair in CODES if pair[1] is not K.AMBIGUOUS])
def test_signal_that_is_the_answer_does_what_the_table_says(
    case: CaraCase,
    clock: SettableClock,
    stub: TwilioStub,
    twilio: TwilioProvider,
    signal: str,
    kind: SignalKind,
) -> None:
    run_due(twilio, now=clock.now())
    clock.set(REMINDER_AT)
    stub.script(Behaviour.refuse(int(signal), {"429": 429, "401": 401}.get(signal, 400)))
    run_due(twilio, now=clock.now())
    check(case, kind, S.FAILED, clock.now())


@pytest.mark.parametrize(("signal", "kind"), CODES)
def test_signal_that_comes_back_later_does_what_the_table_says(
    case: CaraCase,
    clock: SettableClock,
    stub: TwilioStub,
    twilio: TwilioProvider,
    signal: str,
    kind: SignalKind,
) -> None:
    run_due(twilio, now=clock.now())
    clock.set(REMINDER_AT)
    run_due(twilio, now=clock.now())
    sid = reminder().provider_sid
    for _ in range(2):
        take_report("undelivered", message_id=reminder().id, sid=sid, error_code=signal, now=clock.now())
    check(case, kind, S.UNDELIVERED, clock.now())
    assert len(queries.attempts_of(reminder().id)) == 1


def test_phone_out_of_reach_is_tried_twice_more_and_then_rung(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    run_due(twilio, now=clock.now())
    clock.set(REMINDER_AT)
    sids = []
    for hours in (2, 21, None):  # twelve hours end at night, and the text waits for nine
        run_due(twilio, now=clock.now())
        sid = reminder().provider_sid
        assert sid is not None
        sids.append(sid)
        take_report("undelivered", sid=sid, error_code="30003", now=clock.now())
        if hours is not None:
            clock.advance(timedelta(hours=hours))
            run_due(twilio, now=clock.now() - timedelta(minutes=1))
            assert reminder().state is S.PLANNED
    assert len(set(sids)) == 3
    assert [attempt.provider_sid for attempt in queries.attempts_of(reminder().id)] == sids
    assert reminder().state is S.UNDELIVERED
    assert len(tasks("call_participant", case.enrolment_id)) == 1
    take_report("delivered", sid=sids[0], now=clock.now())
    assert reminder().state is S.DELIVERED, "late news of the first copy counts"


def test_retry_waits_when_an_earlier_copy_arrived_after_all(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    run_due(twilio, now=clock.now())
    clock.set(REMINDER_AT)
    run_due(twilio, now=clock.now())
    first = reminder().provider_sid
    take_report("undelivered", sid=first, error_code="30008", now=clock.now())
    take_report("sent", sid=first, now=clock.now())
    assert reminder().state is S.PLANNED, "overtaken news moves nothing"
    take_report("delivered", sid=first, now=clock.now())
    taken = len(stub.messages)
    run_due(twilio, now=clock.now() + timedelta(hours=1))
    assert (reminder().state, len(stub.messages)) == (S.DELIVERED, taken)


def test_retry_past_the_moment_of_use_is_not_made(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    run_due(twilio, now=clock.now())
    clock.set(wall("2026-09-11 10:00"))
    run_due(twilio, now=clock.now())
    last = db.session.scalars(
        select(Message).where(Message.session_id == case.session_a_id, Message.offset_days == 1)
    ).one()
    clock.set(wall("2026-09-12 08:30"))
    take_report("undelivered", sid=last.provider_sid, error_code="30003", now=clock.now())
    db.session.rollback()
    assert db.session.get_one(Message, last.id).state is S.UNDELIVERED
    assert len(tasks("call_participant", case.enrolment_id)) == 1


def test_pause_holds_every_text_of_every_worker_and_ends(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    stub.behave = lambda _form: Behaviour.refuse(20003, 401)
    run_due(twilio, now=clock.now())
    asked = len(stub.calls)
    assert asked == 1, "the second text of the batch is not tried"
    run_due(twilio, now=clock.now() + timedelta(minutes=14), worker="another")
    assert len(stub.calls) == asked
    stub.behave = lambda _form: Behaviour()
    run_due(twilio, now=clock.now() + timedelta(minutes=16))
    assert len(stub.messages) == 2


def test_manager_ends_a_pause_early(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    services.pause_sending(clock.now() + timedelta(hours=1), "a test", now=clock.now())
    run_due(twilio, now=clock.now())
    assert stub.messages == {}
    assert services.resume_sending(actor=case.team.manager, now=clock.now())
    assert not services.resume_sending(actor=case.team.manager, now=clock.now())
    run_due(twilio, now=clock.now())
    assert len(stub.messages) == 2


def test_changed_class_of_a_signal_is_followed(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, twilio: TwilioProvider
) -> None:
    manager = case.team.manager
    assert services.change_signal("21999", K.PASSING, actor=manager, now=clock.now())
    assert not services.change_signal("21999", K.PASSING, actor=manager, now=clock.now())
    assert services.change_signal("*", K.FILTERED, actor=manager, now=clock.now())
    stub.script(Behaviour.refuse(21999), Behaviour.refuse(21998))
    run_due(twilio, now=clock.now())
    db.session.rollback()
    states = [text.state for text in db.session.scalars(select(Message).where(Message.kind == "booked"))]
    assert sorted(states) == [S.FAILED, S.PLANNED]
    assert tasks("sending_fault", None) == []
    assert times_audited("signal.changed") == 2
