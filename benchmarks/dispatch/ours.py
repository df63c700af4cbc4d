"""Our side of the measurement: a database with due texts, and the worker as it runs in service.

``python -m benchmarks.dispatch.ours seed TEXTS DUE`` fills the database with texts due at a Unix
time, ``... work`` is one worker. The worker is the product's own; only the time of day is another,
because texts leave between 09:00 and 20:00 alone: BENCH_SHIFT seconds are added to the clock.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import delete, insert, select

from benchmarks.dispatch.words import body_of
from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.jobs import worker
from programme_tracker.kernel import migration
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock, set_clock
from programme_tracker.kernel.database import Model, db
from programme_tracker.kernel.working_time import to_local
from programme_tracker.messaging.models import Message, MessageChange
from programme_tracker.messaging.providers import ConsoleProvider
from programme_tracker.messaging.rules import MessageKind, MessageState
from programme_tracker.messaging.services.control import MOST_RATE, set_sending_rate
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.scheduling.models import Booking
from programme_tracker.workflows.groups import join_group
from tests.factories.cases import make_team
from tests.factories.groups import referred, weekly_group

#: Ofcom's mobiles for drama are a thousand: as many people, and several sessions for each.
PEOPLE = 1000

KEYS = range(1_000_000, 1_000_000 + PEOPLE)

ROWS_AT_ONCE = 1000


class ShiftedClock:
    """The machine's time moved by a fixed span."""

    def __init__(self, seconds: float) -> None:
        self._shift = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """Return the shifted time (UTC)."""
        return datetime.now(UTC) + self._shift


def shift() -> float:
    """Return the seconds the measurement's clock is ahead of the machine's."""
    return float(os.environ["BENCH_SHIFT"])


def open_app() -> Flask:
    """Open the application as the environment says, sending to the stub if one is named."""
    settings = load_settings({name: value for name, value in os.environ.items() if name.startswith("PT_")})
    stub = os.environ.get("BENCH_STUB", "")
    if stub:
        settings = replace(
            settings,
            sms_provider="twilio",
            twilio_account_sid="AC" + "0" * 32,
            twilio_auth_token="0" * 32,
            twilio_from="+441632960001",
            twilio_base_url=stub,
        )
    return create_app(settings, ShiftedClock(shift()))


def work() -> None:
    """Run one worker until it is told to stop."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if not os.environ.get("BENCH_STUB"):
        # The console of a demonstration also reports every text as delivered: the others do not.
        worker.provider_for = lambda _settings: ConsoleProvider()
    worker.run_worker(open_app(), stop)


def seed(texts: int, due: float) -> None:
    """Fill an empty database with people on a weekly group, and texts due at a Unix time."""
    due_at = datetime.fromtimestamp(due, UTC) + timedelta(seconds=shift())
    app = open_app()
    with app.app_context():
        migration.upgrade(db.engine)
        set_clock(app, SettableClock(due_at - timedelta(days=3)))
        enrolment_id = _one_person(sessions=-(-texts // PEOPLE), due_at=due_at)
        _fill(enrolment_id, texts, due_at)
        # As quick as the provider takes them, like the others.
        set_sending_rate(MOST_RATE, actor=SYSTEM, now=due_at - timedelta(days=3))


def _one_person(sessions: int, due_at: datetime) -> int:
    """Let one person join a group through the services; everybody else is made after this pattern."""
    team = make_team()
    starts = to_local(due_at + timedelta(hours=6)).replace(tzinfo=None)
    group_id = weekly_group(team, starts, sessions=max(sessions, 1))
    enrolment_id = referred(team, mobile="07700 900999")
    join_group(enrolment_id, group_id, actor=team.lead, now=due_at - timedelta(days=3))
    return enrolment_id


def _fill(enrolment_id: int, texts: int, due_at: datetime) -> None:
    """Copy the pattern to a thousand people, and plan the texts."""
    enrolment = db.session.get_one(Enrolment, enrolment_id)
    bookings = list(db.session.scalars(select(Booking).where(Booking.enrolment_id == enrolment_id)))
    message = _pattern_message(enrolment_id, due_at)
    # Nobody shares a number: a shared one gets no texts.
    enrolment.participant.mobile = None
    db.session.flush()
    _insert(Participant, [_row(enrolment.participant, **_person(key)) for key in KEYS])
    _insert(
        Referral, [_row(enrolment.referral, id=key, participant_id=key, request_key=None) for key in KEYS]
    )
    _insert(Enrolment, [_row(enrolment, **_enrolment(key)) for key in KEYS])
    _insert(Booking, [_row(booking, enrolment_id=key) for key in KEYS for booking in bookings])
    sessions = [(booking.session_id, booking.session.version) for booking in bookings]
    rows = []
    for number in range(texts):
        session_id, version = sessions[number // PEOPLE % len(sessions)]
        key = KEYS[number % PEOPLE]
        whose = {"participant_id": key, "enrolment_id": key}
        about = {"session_id": session_id, "session_version": version}
        rows.append(message | whose | about | {"key": f"bench:{number}", "body": body_of(number)})
    _insert(Message, rows)
    db.session.commit()


def _pattern_message(enrolment_id: int, due_at: datetime) -> dict[str, Any]:
    """Return the columns of a reminder, and take what was planned for the pattern out of the way."""
    pattern = db.session.scalars(select(Message).where(Message.enrolment_id == enrolment_id)).first()
    assert pattern is not None
    message = _row(
        pattern,
        kind=MessageKind.REMINDER,
        state=MessageState.PLANNED,
        send_at=due_at,
        expires_at=due_at + timedelta(hours=6),
    )
    db.session.execute(delete(MessageChange))
    db.session.execute(delete(Message))
    return message


def _enrolment(key: int) -> dict[str, Any]:
    return {"id": key, "referral_id": key, "participant_id": key, "reassess_at": None}


def _person(key: int) -> dict[str, Any]:
    return {"id": key, "reference": f"B-{key}", "mobile": f"+447700900{key - KEYS[0]:03d}"}


def _row(pattern: Model, **changes: Any) -> dict[str, Any]:
    """Return a row's columns, without its key, as changed."""
    columns = {column.key: getattr(pattern, column.key) for column in pattern.__mapper__.column_attrs}
    return {name: value for name, value in columns.items() if name != "id"} | changes


def _insert(model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        db.session.execute(insert(model), rows[start : start + ROWS_AT_ONCE])


if __name__ == "__main__":
    if sys.argv[1] == "seed":
        seed(int(sys.argv[2]), float(sys.argv[3]))
    else:
        work()
