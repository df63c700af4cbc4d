"""The invented data with a stranger of every role beside it, and browsers in which each is signed in."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fcntl import LOCK_EX, flock
from functools import partial
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.services import record_leave
from programme_tracker.accounts.sessions import open_session
from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import ConsoleProvider
from programme_tracker.web.identity import longest_stay, sign_in_now
from programme_tracker.workflows import demo
from tests.factories.accounts import make_staff
from tests.stores import make_schema
from tests.web.policy.owners import Owners, owners
from tests.web.policy.states import add_states
from tests.web.policy.targets import Target, targets

#: The database of a scene, within its folder.
FILE = "scene.sqlite3"

#: What is kept beside it: who is signed in, with which token.
KEPT = "people.json"

#: A Thursday evening: the weekly group that meets on the day of loading has just begun.
NOW = datetime(2026, 11, 26, 18, 50, tzinfo=UTC)

#: Forms' tokens and what is drawn by lot differ each time a page is made.
_DRAWN = re.compile(r'value="[^"]*"|\?next=[^"]*')


@dataclass(frozen=True)
class Person:
    """Somebody who tries addresses."""

    name: str
    role: Role
    staff_id: int
    token: str = field(repr=False)


@dataclass(frozen=True)
class Scene:
    """The application with its data, the people who try, and whose everything is."""

    app: Flask
    people: tuple[Person, ...]
    #: Those who are half-way through signing in, by what they must do.
    half_way: dict[str, Person]
    owners: Owners
    targets: dict[tuple[str, ...], list[Target]]
    _absent: dict[tuple[int, str], tuple[str, dict[str, str]]] = field(default_factory=dict)

    def of_role(self, role: Role) -> list[Person]:
        """Return those of one role: who works there, and a stranger."""
        return [person for person in self.people if person.role is role]

    def relation(self, person: Person, kind: str, target: Target) -> str:
        """Say what a record is to somebody: own, another's of the same role, or the other side's."""
        key = target.ids.get(kind)
        whose = self.owners.get((kind, key), set()) if key is not None else set()
        if person.staff_id in whose:
            return "own"
        colleagues = {one.staff_id for one in self.of_role(person.role)}
        return "another's" if colleagues & whose else "other side"

    def ask(self, person: Person, method: str, path: str, data: dict[str, str] | None = None) -> TestResponse:
        """Send one request; nothing that it writes is kept."""
        client = self.app.test_client()
        client.set_cookie("pt_sign_in", person.token)
        with nothing_kept():
            return client.open(path, method=method, data=data or None)

    def is_absent(self, person: Person, response: TestResponse, method: str) -> bool:
        """Tell whether an answer is the one to an address that is not there, to the letter and header."""
        key = (person.staff_id, method)
        if key not in self._absent:
            self._absent[key] = _seen(self.ask(person, method, "/no-such-page"))
        return response.status_code == 404 and _seen(response) == self._absent[key]


def _seen(response: TestResponse) -> tuple[str, dict[str, str]]:
    headers = {
        name: value for name, value in response.headers if name not in {"Content-Length", "Set-Cookie"}
    }
    return _DRAWN.sub("", response.get_data(as_text=True)), headers


def _token(staff: Staff) -> str:
    """Sign somebody in twice, so that there is another browser to sign out; return the second's token."""
    now = sign_in_now()
    return [open_session(staff, now=now, longest=longest_stay(), is_proven=True) for _ in range(2)][1]


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Let every commit take back what was written, so that the next request finds the same data."""
    session = db.session
    vars(session)["commit"] = session.rollback
    try:
        yield
    finally:
        del vars(session)["commit"]


def make_scene(folder: Path, shared: Path) -> Scene:
    """Copy the invented data into ``folder`` and sign everybody in.

    The data is made once for all processes of a run, in the folder that they share.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (shared / "scene.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        template = shared / "scene-template"
        if not template.exists():
            _make_template(shared)
    # With its keys, which lie beside the database.
    copytree(template, folder, dirs_exist_ok=True)
    return _peopled(_application(folder), json.loads((folder / KEPT).read_text()))


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all processes of this run of the tests share."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def _make_template(shared: Path) -> None:
    """Load the invented data and add strangers; whoever is broken off leaves nothing behind."""
    draft = Path(mkdtemp(dir=shared))
    app = _application(draft)
    with app.app_context():
        demo.load_if_empty(now=NOW, move_on=partial(advance, provider=ConsoleProvider()))
        for role in Role:
            make_staff(role, name=f"Stranger {role.value}")
        for one in db.session.scalars(select(Staff).order_by(Staff.id)).all():
            record_leave(one.id, date(2027, 1, 4), date(2027, 1, 8), actor=one.actor, now=NOW)
        tokens = {one.id: _token(one) for one in db.session.scalars(select(Staff)).all()}
        kept = {"tokens": tokens, "half_way": add_states(tokens.values())}
        (draft / KEPT).write_text(json.dumps(kept))
        db.session.remove()
        db.engine.dispose()
    draft.rename(shared / "scene-template")


def _application(folder: Path) -> Flask:
    url, clock = f"sqlite:///{folder / FILE}", SettableClock(NOW)
    make_schema(url)
    environ = {
        "PT_DEMO": "1",
        "PT_DATABASE_URL": url,
        "PT_INSTANCE_PATH": str(folder / "instance"),
        "PT_PUBLIC_URL": "http://localhost",
    }
    app = create_app(load_settings(environ), clock)
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return app


def _peopled(app: Flask, kept: dict[str, dict[str, Any]]) -> Scene:
    """Look up who is signed in with what, and whose everything is."""
    half_way = {staff_id: (name, token) for name, (staff_id, token) in kept["half_way"].items()}
    with app.app_context():
        staff = {one.id: one for one in db.session.scalars(select(Staff).order_by(Staff.id))}
        people = tuple(
            Person(staff[int(key)].username, staff[int(key)].role, int(key), token)
            for key, token in kept["tokens"].items()
        )
        others = {
            name: Person(staff[key].username, staff[key].role, key, token)
            for key, (name, token) in half_way.items()
        }
        return Scene(app, people, others, owners(), targets())
