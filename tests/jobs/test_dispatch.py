"""Handing texts over with several connections, at the rate that all workers share."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from programme_tracker.audit.models import AuditEntry
from programme_tracker.audit.services import verify
from programme_tracker.jobs import worker
from programme_tracker.jobs.dispatch import Dispatch
from programme_tracker.jobs.due import run_due
from programme_tracker.jobs.failures import failures
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging import queries, services
from programme_tracker.messaging.models import Message, SendingControl
from programme_tracker.messaging.outcomes import Accepted
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.messaging.providers.twilio import TwilioProvider
from programme_tracker.messaging.rules import MessageKind, MessageState, Recipient
from programme_tracker.messaging.services import reserve_turns, set_sending_rate
from programme_tracker.messaging.services.control import MOST_RATE
from programme_tracker.workflows import sending
from tests import ready
from tests.factories.cases import CaraCase
from tests.twilio_stub import ACCOUNT, TOKEN, Behaviour, Misstep, TwilioStub, fixtures

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template
stub = fixtures.stub

S = MessageState
TEXTS = 70


class NamedProvider(RecordingProvider):
    """A recorder whose ids are its own."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def send(self, **text: Any) -> Accepted:
        """Keep a text under an id that no other recorder gives."""
        return Accepted(self.name + super().send(**text).sid)


@pytest.fixture
def dispatch(stub: TwilioStub) -> Iterator[Dispatch]:
    twilio = TwilioProvider(ACCOUNT, TOKEN, from_number="+447700900900", base_url=stub.address, timeout=10)
    dispatch = Dispatch(twilio, threads=4)
    yield dispatch
    dispatch.close()


def plan(case: CaraCase, clock: SettableClock, texts: int = TEXTS, name: str = "many") -> list[int]:
    """Let many texts fall due now."""
    with transaction():
        return [
            services.put(
                key=f"{name}:{number}",
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
            for number in range(texts)
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


def test_statements_do_not_grow_with_the_texts(case: CaraCase, clock: SettableClock) -> None:
    """What a batch costs the database is the same for five texts and for fifty."""
    statements: list[str] = []

    def note(*about: Any) -> None:
        statements.append(about[2])

    run_due(RecordingProvider(), now=clock.now())
    event.listen(db.engine, "before_cursor_execute", note)
    counts = []
    try:
        for texts in (5, 50):
            plan(case, clock, texts, f"of {texts}")
            statements.clear()
            claims = services.claim_due(now=clock.now(), limit=100, worker="counting")
            prepared = sending.prepare(claims, now=clock.now())
            provider = NamedProvider(f"{texts}-")
            results = [sending.attempt(one, provider, noted=monotonic()) for one in prepared]
            sending.record_results(results, now=clock.now())
            counts.append(len(statements))
            assert len(provider.sent) == texts
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert counts[0] == counts[1], statements


def test_texts_done_together_leave_the_rows_that_one_leaves(case: CaraCase, clock: SettableClock) -> None:
    plan(case, clock, 3)
    provider = RecordingProvider()
    claims = services.claim_due(now=clock.now(), worker="w")
    claims = [claim for claim in claims if message(claim).key.startswith("many:")]
    for some in (claims[:1], claims[1:]):
        prepared = sending.prepare(some, now=clock.now())
        results = [sending.attempt(one, provider, noted=monotonic()) for one in prepared]
        if len(some) == 1:
            services.finish(some[0], cast(Accepted, results[0].answer), now=clock.now())
        else:
            assert services.finish_accepted(
                {one.prepared.claim: cast(Accepted, one.answer) for one in results}, now=clock.now()
            ) == set(some)
    left = [traces(claim.message_id) for claim in claims]
    assert left[0] == left[1] == left[2]
    assert left[0]["changes"][-3:] == [
        (S.PLANNED, S.CLAIMED, "claimed by w"),
        (S.CLAIMED, S.SENDING, "attempt 1"),
        (S.SENDING, S.ACCEPTED, "taken by the provider"),
    ]
    assert verify() is None


def message(claim: services.Claim) -> Message:
    return db.session.get_one(Message, claim.message_id)


#: What differs from text to text.
_OWN = {"id", "key", "body", "provider_sid"}


def traces(message_id: int) -> dict[str, Any]:
    """Return all that a text left in the database, but what is its own."""
    row = db.session.get_one(Message, message_id, populate_existing=True)
    attempts = [
        (one.state, one.known_at, one.is_kept, one.redact_at, one.redact_tries, one.error_code)
        for one in queries.attempts_of(message_id)
    ]
    trail = select(AuditEntry).where(
        AuditEntry.subject_type == "Message", AuditEntry.subject_id == message_id
    )
    return {
        "row": {c.key: getattr(row, c.key) for c in Message.__table__.columns if c.key not in _OWN},
        "changes": [(one.from_state, one.to_state, one.cause) for one in queries.changes_of(message_id)],
        "attempts": attempts,
        "trail": [
            (one.event, one.actor_name, one.at, one.enrolment_id, one.detail)
            for one in db.session.scalars(trail.order_by(AuditEntry.sequence))
        ],
    }


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
    app: Flask,
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


def test_more_is_claimed_while_the_last_are_on_their_way(
    case: CaraCase, clock: SettableClock, stub: TwilioStub, dispatch: Dispatch
) -> None:
    plan(case, clock)
    stub.behave = lambda _form: Behaviour(seconds=0.05)
    first = services.claim_due(now=clock.now(), limit=10, worker="one")
    dispatch.send(first, now=clock.now(), go_on=True)
    assert states()[S.SENDING] > 0, "it came back before all had ended"
    second = services.claim_due(now=clock.now(), limit=TEXTS, worker="one")
    dispatch.send(second, now=clock.now(), go_on=True)
    dispatch.finish(now=clock.now())
    assert states() == {S.ACCEPTED: TEXTS}
    assert set(Counter(message["body"] for message in stub.messages.values()).values()) == {1}


def test_tick_leaves_nothing_on_its_way(
    app: Flask,
    case: CaraCase,
    clock: SettableClock,
    stub: TwilioStub,
    dispatch: Dispatch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "BATCH", 10)
    set_sending_rate(MOST_RATE, actor=SYSTEM, now=clock.now())
    plan(case, clock)
    db.session.remove()
    stop = threading.Event()

    def stop_at_once(_form: object) -> Behaviour:
        stop.set()
        return Behaviour(seconds=0.05)

    stub.behave = stop_at_once
    assert worker.tick(app, stop, dispatch) > 0
    assert set(states()) == {S.ACCEPTED, S.PLANNED}, "told to stop, it claims no more and forgets none"
    stub.behave = lambda _form: Behaviour()
    db.session.remove()
    assert worker.tick(app, threading.Event(), dispatch) > 0
    assert states() == {S.ACCEPTED: TEXTS}
