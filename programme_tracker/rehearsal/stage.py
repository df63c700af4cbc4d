"""The stage a rehearsal plays on: the real application on an empty in-memory database."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask

from programme_tracker.accounts import services as accounts
from programme_tracker.accounts.models import Staff
from programme_tracker.config import Settings
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import from_local
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.programmes.services import seed_programmes
from programme_tracker.rehearsal.naming import Known
from programme_tracker.rehearsal.script import CastMember, Script

MakeApp = Callable[[Settings, SettableClock], Flask]

#: What a line gives its verb, by field.
Asked = Mapping[str, Any]

#: Who acts where a line names nobody: an office that may do everything and is nobody's inbox.
OFFICE = Actor(staff_id=None, name="office", roles=frozenset(Role))


@dataclass
class Stage:
    """A running application with its clock, and what the file's names stand for."""

    clock: SettableClock
    known: Known = field(default_factory=Known)
    provider: RecordingProvider = field(default_factory=RecordingProvider)

    @property
    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self.clock.now()

    def actor(self, name: str | None) -> Actor:
        """Return a member of the cast as the one who acts; the office for None."""
        if name is None:
            return OFFICE
        return db.session.get_one(Staff, self.known.staff.id(name)).actor

    def staff_id(self, asked: Asked, field_name: str) -> int | None:
        """Return the id of the member of the cast in a field, None where it is not given."""
        return self.known.staff.id(asked[field_name]) if field_name in asked else None

    def person_id(self, asked: Asked) -> int:
        """Return the id of the line's person."""
        return self.known.people.id(asked["person"])

    def enrolment_id(self, asked: Asked) -> int:
        """Return the id of the line's enrolment. Raises NotThereError."""
        return self.known.enrolments.id(asked["enrolment"])

    def session_id(self, asked: Asked) -> int:
        """Return the id of the line's session. Raises NotThereError."""
        return self.known.sessions.id(asked["session"])


@contextmanager
def set_stage(script: Script, make_app: MakeApp) -> Iterator[Stage]:
    """Build the application at the script's start, with its policy and its cast."""
    clock = SettableClock(from_local(script.start))
    app = make_app(_settings(), clock)
    with app.app_context():
        db.create_all()
        stage = Stage(clock)
        try:
            seed_programmes(now=stage.now, policy=script.policy)
            _enter_cast(stage, script)
            yield stage
        finally:
            db.session.remove()
            db.engine.dispose()


def _settings() -> Settings:
    return Settings(
        demo=True,
        instance_path=Path("."),
        database_url="sqlite://",
        secret_key=secrets.token_hex(32),
        field_keys=(("rehearsal", secrets.token_bytes(32)),),
        blind_index_key=secrets.token_bytes(32),
    )


def _enter_cast(stage: Stage, script: Script) -> None:
    for member in script.cast.values():
        stage.known.staff.add(member.name, _hire(stage, member))
    for member in script.cast.values():
        if member.deputy is not None:
            deputy = stage.known.staff.id(member.deputy)
            accounts.set_deputy(stage.known.staff.id(member.name), deputy, actor=OFFICE, now=stage.now)


def _hire(stage: Stage, member: CastMember) -> int:
    role, *also = member.roles
    staff = accounts.add_staff(
        username=member.name,
        name=member.name,
        role=role,
        also_role=also[0] if also else None,
        password=secrets.token_urlsafe(24),
        must_change_password=False,
        actor=OFFICE,
        now=stage.now,
    )
    return staff.id
