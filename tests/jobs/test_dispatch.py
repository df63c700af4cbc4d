"""Handing texts over with several connections, at the rate that all workers share."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import func, select, update

from programme_tracker.jobs.dispatch import Dispatch
from programme_tracker.jobs.due import run_due
from programme_tracker.jobs.failures import failures
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging import services
from programme_tracker.messaging.models import Message, SendingControl
from programme_tracker.messaging.providers.twilio import TwilioProvider
from programme_tracker.messaging.rules import MessageKind, MessageState, Recipient
from programme_tracker.messaging.services import reserve_turns, set_sending_rate
from programme_tracker.workflows import sending
from tests import ready
from tests.factories.cases import CaraCase
from tests.twilio_stub import ACCOUNT, TOKEN, Behaviour, Misstep, TwilioStub

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

S = MessageState
TEXTS = 70


@pytest.fixture
def stub(clock: SettableClock) -> Iterator[TwilioStub]:
    with TwilioStub() as stub:
        stub.clock = clock.now
        yield stub
        assert stub.faults == []


@pytest.fixture
def dispatch(stub: TwilioStub) -> Iterator[Dispatch]:
    twilio = TwilioProvider(ACCOUNT, TOKEN, from_number="+447700900900", base_url=stub.address, timeout=10)
    dispatch = Dispatch(twilio, threads=4)
    yield dispatch
    dispatch.close()


def plan(case: CaraCase, clock: SettableClock) -> list[int]:
    """Let many texts fall due now."""
    with transaction():
        return [
            services.put(
                key=f"many:{number}",
                kind=MessageKind.REMINDER,
                recipient=Recipient.PARTICIPANT,
                body=f"Reminder {number}. Queries 01632 960001.",
                template_version=1,
                send_at=clock.now(),
                expires_at=clock.now() + timedelta(hours=8),
                participant_id=case.participant_id,
                enrolment_id=case.enrolment_id,
                session_id=case.session_a_id,
                session_version=1,
                actor=SYSTEM,
                now=clock.now(),
            ).id
            for number in range(TEXTS)
        ]


def states() -> Counter[MessageState]:
    db.session.rollback()
    found = select(Message.state, func.count()).where(Message.key.startswith("many:"))
    return Counter({state: count for state, count in db.session.execute(found.group_by(Message.state))})


def run(dispatch: Dispatch, clock: SettableClock) -> int:
    return run_due(dispatch.provider, now=clock.now(), limit=200, dispatch=dispatch)


def test_many_texts_go_once_each_whatever_their_answers(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, dispatch: Dispatch
) -> None:
    plan(case, clock)
    stub.script(
        *[Behaviour(seconds=0.01)] * 20,
        Behaviour(misstep=Misstep.DROP),
        Behaviour.refuse(21999),
        Behaviour.refuse(20429, 429),
        Behaviour(takes=False, misstep=Misstep.SERVER_FAULT),
    )
    run(dispatch, clock)
    taken = Counter(message["body"] for message in stub.messages.values())
    assert set(taken.values()) == {1}
    assert states()[S.ACCEPTED] >= TEXTS - 4
    clock.advance(timedelta(minutes=1))
    for _ in range(4):
        run(dispatch, clock)
        clock.advance(timedelta(minutes=2))
    taken = Counter(message["body"] for message in stub.messages.values() if "Reminder" in message["body"])
    assert set(taken.values()) == {1}
    assert states()[S.ACCEPTED] + states()[S.FAILED] == TEXTS
    assert failures() == []


def test_text_that_breaks_among_many_is_set_aside_alone(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, dispatch: Dispatch
) -> None:
    broken = plan(case, clock)[30]
    with transaction():
        db.session.execute(update(Message).where(Message.id == broken).values(enrolment_id=999))
    run(dispatch, clock)
    assert states() == {S.ACCEPTED: TEXTS - 1, S.PLANNED: 1}
    (failure,) = failures()
    assert (failure.kind, failure.item_id) == ("send", broken)


def test_configuration_fault_stops_the_rest_of_the_batch(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, dispatch: Dispatch
) -> None:
    plan(case, clock)
    stub.behave = lambda _form: Behaviour.refuse(20003, 401)
    run(dispatch, clock)
    assert states() == {S.PLANNED: TEXTS}
    assert len(stub.calls) < TEXTS, "what was not yet prepared was not tried"
    attempts = db.session.scalars(select(Message.attempts).where(Message.key.startswith("many:")))
    assert set(attempts) == {0}


def test_attempt_whose_turn_comes_too_late_is_not_made(
    case: CaraCase,
    clock: SettableClock,
    stub: TwilioStub,
    dispatch: Dispatch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A provider so slow that the conditions would be too old by the time of the call."""
    plan(case, clock)
    monkeypatch.setattr(sending, "monotonic", lambda: monotonic() + 31)
    run(dispatch, clock)
    assert stub.messages == {}
    assert states() == {S.PLANNED: TEXTS}


def test_workers_share_one_rate(case: CaraCase, clock: SettableClock) -> None:
    set_sending_rate(4, actor=case.team.manager, now=clock.now())
    first = reserve_turns(8, now=clock.now())
    second = reserve_turns(2, now=clock.now())
    assert first == [timedelta(seconds=number / 4) for number in range(8)]
    assert second == [timedelta(seconds=2), timedelta(seconds=2.25)]
    assert len(reserve_turns(1000, now=clock.now())) == 70, "not further ahead than twenty seconds"
    assert reserve_turns(1, now=clock.now()) == []
    clock.advance(timedelta(seconds=1))
    assert len(reserve_turns(1000, now=clock.now())) == 4


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1)])
def test_rate_survives_a_clock_that_is_stepped(case: CaraCase, clock: SettableClock, step: timedelta) -> None:
    set_sending_rate(4, actor=case.team.manager, now=clock.now())
    reserve_turns(40, now=clock.now())
    assert reserve_turns(1, now=clock.now() + step) == [timedelta(0)]


@pytest.mark.parametrize("rate", [0, -1, 10_001])
def test_rate_that_makes_no_sense_is_refused(case: CaraCase, clock: SettableClock, rate: int) -> None:
    with pytest.raises(RefusedError):
        set_sending_rate(rate, actor=case.team.manager, now=clock.now())
    assert db.session.get(SendingControl, 1) is None
