"""Workers against each other, and cancelling against sending, with real threads on both stores."""

from collections import Counter
from collections.abc import Callable, Iterator
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging import services
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.outcomes import Accepted
from programme_tracker.messaging.rules import MessageState
from tests.bare import bare_app
from tests.factories.messaging import MOBILE, NOON, planned
from tests.stores import Store

pytestmark = pytest.mark.each_store
MESSAGES = 60
#: Races of a cancellation against the sending of one text (promise R3).
RACES = 520


@pytest.fixture
def bare(store: Store) -> Iterator[Flask]:
    with bare_app(store.url) as app:
        yield app


def together(app: Flask, *works: Callable[[], None]) -> None:
    """Run all at once, each in a context of its own; raise what any of them raised."""
    start, faults = Barrier(len(works)), list[BaseException]()
    db.session.rollback()  # a read left open here would hold up every writer on SQLite

    def run(work: Callable[[], None]) -> None:
        try:
            with app.app_context():
                start.wait(timeout=30)
                work()
        except BaseException as fault:
            faults.append(fault)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def send_everything(sent: list[int], name: str) -> None:
    while claims := services.claim_due(now=NOON, limit=7, worker=name):
        for claim in claims:
            if services.begin_sending(claim, to_address=MOBILE, now=NOON):
                sent.append(claim.message_id)
                services.finish(claim, Accepted(f"SM{claim.message_id}"), now=NOON)


def test_workers_send_each_message_once(bare: Flask) -> None:
    for _ in range(MESSAGES):
        planned()
    sent: list[int] = []
    together(bare, *(lambda name=f"w{n}": send_everything(sent, name) for n in range(4)))
    assert sorted(Counter(sent).values()) == [1] * MESSAGES
    accepted = select(func.count()).where(Message.state == MessageState.ACCEPTED)
    assert db.session.scalar(accepted) == MESSAGES


def test_nothing_goes_that_was_answered_cancelled(bare: Flask) -> None:
    with transaction():
        ids = [planned().id for _ in range(RACES)]
    sent: list[int] = []
    answers: dict[int, bool] = {}

    def cancel_all(order: list[int]) -> None:
        for message_id in order:
            message = db.session.get_one(Message, message_id)
            answers[message_id] = services.cancel(message, cause="taken back", actor=SYSTEM, now=NOON)

    together(
        bare,
        lambda: send_everything(sent, "w1"),
        lambda: send_everything(sent, "w2"),
        lambda: cancel_all(ids[::-1]),
    )
    cancelled = {message_id for message_id, answer in answers.items() if answer}
    assert cancelled.isdisjoint(sent)
    assert cancelled | set(sent) == set(ids)


def test_same_key_planned_at_once_is_one_message(bare: Flask) -> None:
    ids: list[int] = []
    together(bare, *[lambda: ids.append(planned(key="one").id)] * 4)
    assert len(set(ids)) == 1
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1
