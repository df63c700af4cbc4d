"""The real application in memory, emptied between two histories in a few milliseconds."""

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from flask import Flask
from flask.ctx import AppContext

from programme_tracker.config import Settings
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.outcomes import Accepted
from programme_tracker.messaging.providers import RecordingProvider, SentText
from programme_tracker.messaging.providers.signals import ProviderError
from tests.factories.accounts import make_staff
from tests.factories.cases import Team, make_team

#: 09:00 in London on Tuesday 1 September 2026.
START = datetime(2026, 9, 1, 8, tzinfo=UTC)


class WatchedProvider(RecordingProvider):
    """Hands every text to a watcher before it takes it, and takes none twice."""

    def __init__(self, watch: Callable[[int], None]) -> None:
        super().__init__()
        self.watch = watch
        #: Texts it has, or may have: they must never come again.
        self.taken: set[int] = set()

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        assert message_id not in self.taken, f"message {message_id} was handed over twice"
        self.watch(message_id)
        try:
            sent = super().send(to=to, body=body, message_id=message_id, validity_seconds=validity_seconds)
        except ProviderError as error:
            if error.signal == "no_answer":
                self.taken.add(message_id)
                self.sent.append(SentText(to, body, message_id, validity_seconds, f"lost-{len(self.sent)}"))
            raise
        self.taken.add(message_id)
        return sent


@dataclass
class Office:
    """One application with its staff; ``open`` starts a history, ``shut`` ends it."""

    app: Flask
    clock: SettableClock
    team: Team
    deputies: dict[str, Actor]
    template: sqlite3.Connection
    _context: AppContext | None = field(default=None)

    def open(self) -> None:
        """Start again at the beginning: staff and programmes, and nobody else."""
        self.clock.set(START)
        self._context = self.app.app_context()
        self._context.push()
        db.session.remove()
        self.template.backup(_connection())

    def shut(self) -> None:
        """End a history."""
        db.session.remove()
        assert self._context is not None
        self._context.pop()

    @property
    def staff(self) -> dict[int, Actor]:
        """Everybody who works here, by id."""
        people = [*vars(self.team).values(), *self.deputies.values()]
        return {actor.staff_id: actor for actor in people}


def _connection() -> sqlite3.Connection:
    """Return the one connection an in-memory database has."""
    return cast(sqlite3.Connection, cast(Any, db.engine.raw_connection()).driver_connection)


@cache
def office() -> Office:
    """Build the application once in a process."""
    from programme_tracker.app import create_app

    clock = SettableClock(START)
    settings = Settings(
        demo=True,
        instance_path=Path("."),
        database_url="sqlite://",
        secret_key=secrets.token_hex(32),
        field_keys=(("machine", secrets.token_bytes(32)),),
        blind_index_key=secrets.token_bytes(32),
    )
    app = create_app(settings, clock)
    template = sqlite3.connect(":memory:")
    with app.app_context():
        db.create_all()
        team = make_team()
        deputies = {
            "worker": make_staff(Role.VICTIM_SAFETY, name="Val Deputy").actor,
            "officer": make_staff(Role.POLICE, name="Pip Deputy").actor,
            "lead": make_staff(Role.CASEWORKER, name="Lou Deputy").actor,
            "facilitator": make_staff(Role.FACILITATOR, name="Flo Deputy").actor,
        }
        db.session.remove()
        _connection().backup(template)
    return Office(app, clock, team, deputies, template)
