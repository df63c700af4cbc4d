"""Texts under a provider that misbehaves, with workers and the web killed at random steps.

Nothing is lost, and a second copy goes only of a text whose row had said that nobody knew
(product.md §12.6). ``TEST_KILLS`` sets how many kills each store suffers; ``make kill-test`` runs
the long campaign.
"""

import os
import random
import signal
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.messaging import services
from programme_tracker.messaging.models import Message, MessageChange
from programme_tracker.messaging.rules import MessageKind, MessageState, Recipient
from programme_tracker.scheduling.models import Session
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import is_whole
from tests.processes import all_done, lines_of, quick_context, started
from tests.ready import wall
from tests.stores import Store
from tests.texting_processes import Call, hear, send_texts
from tests.twilio_stub import Behaviour, Misstep, TwilioStub

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

S = MessageState
KILLS = int(os.environ.get("TEST_KILLS", "25"))
#: A kill comes before one of so many first steps of a process.
STEPS = 90
#: Texts that fall due in each round.
TEXTS = 12
START = wall("2026-09-01 09:30")
#: Longer than half a lease, so that what the dead held comes back.
ROUND = timedelta(seconds=80)


def misbehave(chance: random.Random) -> Behaviour:
    """Take about half of the texts properly."""
    if chance.random() < 0.5:
        return Behaviour(seconds=chance.choice([0.0, 0.0, 0.05]))
    if chance.random() < 0.3:
        return Behaviour.refuse(20429, 429)
    if chance.random() < 0.05:
        return Behaviour(misstep=Misstep.HANG)
    missteps = [Misstep.DROP, Misstep.SERVER_FAULT, Misstep.GARBAGE, Misstep.NO_ID]
    return Behaviour(takes=chance.random() < 0.6, misstep=chance.choice(missteps))


def plan_texts(case: CaraCase, number: int, now: datetime) -> None:
    """Let texts fall due, each with words of its own."""
    version = db.session.get_one(Session, case.session_a_id).version
    for which in range(TEXTS):
        services.put(
            key=f"kill:{number}:{which}",
            kind=MessageKind.REMINDER,
            recipient=Recipient.PARTICIPANT,
            body=f"Reminder {number}-{which}: appointment. Queries 01632 960001.",
            template_version=1,
            send_at=now,
            expires_at=wall("2026-09-01 19:00"),
            participant_id=case.participant_id,
            enrolment_id=case.enrolment_id,
            session_id=case.session_a_id,
            session_version=version,
            actor=SYSTEM,
            now=now,
        )
    db.session.rollback()


def some_calls(stub: TwilioStub, chance: random.Random) -> list[Call]:
    """Return news of some texts: out of order, repeated, and forged."""
    calls: list[Call] = []
    for sid in chance.sample(list(stub.messages), min(8, len(stub.messages))):
        for status in chance.sample(["sent", "delivered", "sent", "queued"], 3):
            calls.append(stub.callback(sid, status))
        url, fields, _ = stub.callback(sid, "failed", 30006)
        calls.append((url, fields, "forged"))
    chance.shuffle(calls)
    return calls


def test_no_text_is_lost_or_doubled_by_kills_and_a_provider_that_misbehaves(
    case: CaraCase, store: Store, tmp_path: Path
) -> None:
    seed = int(os.environ.get("TEST_SEED", "0")) or random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown by pytest when the test fails
    chance, context = random.Random(seed), quick_context()
    with TwilioStub() as stub:
        killed, number, now = 0, 0, START
        stub.clock = lambda: now
        stub.behave = lambda _form: misbehave(chance)
        while killed < KILLS:
            if number < 200 and now < wall("2026-09-01 18:00"):
                plan_texts(case, number, now)
            sending: tuple[Any, ...] = (store.url, tmp_path, now, stub.address)
            hearing: tuple[Any, ...] = (store.url, tmp_path, now, some_calls(stub, chance))
            processes = [
                started(context, target, *given, die_at=chance.randint(1, STEPS))
                for target, given in ((send_texts, sending), (send_texts, sending), (hear, hearing))
            ]
            for process in processes:
                process.join()
                assert process.exitcode in {0, -signal.SIGKILL}
                killed += process.exitcode != 0
            number, now = number + 1, now + ROUND
        stub.behave = lambda _form: Behaviour()
        for _ in range(9):
            assert all_done(started(context, send_texts, store.url, tmp_path, now, stub.address))
            now += ROUND
        assert is_whole()
        check(stub, tmp_path)
        assert stub.faults == []


def check(stub: TwilioStub, folder: Path) -> None:
    """See that every text came, and twice only where its row says why."""
    db.session.rollback()
    copies = Counter(message["body"] for message in stub.messages.values())
    lost = Counter(
        db.session.scalars(select(MessageChange.message_id).where(MessageChange.to_state == "unknown"))
    )
    gone = {S.ACCEPTED, S.SENT, S.DELIVERED}
    for message in db.session.scalars(select(Message).where(Message.send_at <= wall("2026-09-01 19:00"))):
        assert message.state in gone, (message.id, message.state)
        assert 1 <= copies[message.body] <= 1 + lost[message.id]
    assert len(copies) == db.session.query(Message).where(Message.state.in_(gone)).count()
    answers = [line.split() for line in lines_of(folder / "heard")]
    assert {status for status, _, word in answers if word == "failed"} <= {"403"}
    heard = {sid for status, sid, word in answers if word == "delivered" and status == "204"}
    for message in db.session.scalars(select(Message).where(Message.provider_sid.in_(heard))):
        assert message.state is S.DELIVERED
