"""The invented data to be fuzzed: what a request writes is seen, and put back after it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask, got_request_exception
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from programme_tracker.kernel.application import current_settings, set_settings
from programme_tracker.kernel.database import db
from programme_tracker.web.fields import PageForm
from tests.web.policy.scene import Person, Scene

TWILIO_TOKEN = "0123456789abcdef0123456789abcdef"

_TABLE = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')
_TRAIL = re.compile(r'INSERT INTO "?audit_entries')

#: PostgreSQL's INTEGER ends here; SQLite would keep and look for more.
LARGEST = 2**31 - 1


@dataclass
class Seen:
    """What one request did: its faults, what it wrote, and which forms it read."""

    exceptions: list[BaseException] = field(default_factory=list)
    writes: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    form_fields: dict[str, list[str]] = field(default_factory=dict)
    #: The tables that each of its commits wrote to.
    commits: list[set[str]] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)


class World:
    """A scene whose rows come back after every request."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.app, self.half_way = scene, scene.app, scene.half_way
        self.seen, self._is_down = Seen(), False
        with self.app.app_context():
            self._path = str(db.engine.url.database)
            self._watch(db.engine)
        self._kept = sqlite3.connect(":memory:")
        self.keep()
        got_request_exception.connect(self._failed, self.app)

    def keep(self) -> None:
        """Take the rows as they are now for those that come back."""
        with sqlite3.connect(self._path) as now:
            now.backup(self._kept)
        now.close()

    def _put_back(self) -> None:
        with self.app.app_context():
            db.session.remove()
        with sqlite3.connect(self._path) as now:
            self._kept.backup(now)
        now.close()

    def _failed(self, _app: Flask, exception: BaseException, **_: Any) -> None:
        self.seen.exceptions.append(exception)

    def _watch(self, engine: Any) -> None:
        @event.listens_for(engine, "before_cursor_execute")
        def _sent(_c: Any, _k: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
            for row in parameters if many else [parameters]:
                self._sent(statement, tuple(row))

        @event.listens_for(engine, "commit")
        def _committed(_c: Any) -> None:
            if self.seen.pending:
                self.seen.commits.append(self.seen.pending)
            self.seen.pending = set()

        @event.listens_for(engine, "rollback")
        def _taken_back(_c: Any) -> None:
            self.seen.pending = set()

    def _sent(self, statement: str, row: tuple[Any, ...]) -> None:
        if any(isinstance(value, str) and "\x00" in value for value in row):
            self.seen.faults.append(f"PostgreSQL takes no NUL: {statement[:120]}")
        if any(type(value) is int and abs(value) > LARGEST for value in row):
            self.seen.faults.append(f"PostgreSQL takes no such INTEGER: {statement[:120]}")
        if statement.split(" ", 1)[0] in {"INSERT", "UPDATE", "DELETE"}:
            if self._is_down and _TRAIL.match(statement):
                raise OperationalError(statement, row, sqlite3.OperationalError("disk I/O error"))
            self.seen.writes.append((statement, row))
            written = _TABLE.match(statement)
            if written:
                self.seen.pending.add(written[1])

    def ask(self, person: Person | None, method: str, path: str, **how: Any) -> tuple[TestResponse, Seen]:
        """Send one request, and what it leads to; put back what was written."""
        client = self.app.test_client()
        if person is not None:
            client.set_cookie("pt_sign_in", person.token)
        self.seen = seen = Seen()
        with self._forms_seen():
            response = client.open(path, method=method, **how)
            if response.status_code in {302, 303} and (response.location or "").startswith("/"):
                after = client.get(response.location)
                response.data = response.data + b"\n" + after.data
                if after.status_code >= 500:
                    response.status_code = after.status_code
        if seen.writes:
            self._put_back()
        return response, seen

    @contextmanager
    def _forms_seen(self) -> Iterator[None]:
        made, seen = PageForm.__init__, self.seen

        def noted(form: Any, *args: Any, **kw: Any) -> None:
            made(form, *args, **kw)
            for one in form:
                choices = [str(choice.value) for choice in getattr(one, "choices", None) or ()]
                seen.form_fields[one.name] = choices

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(PageForm, "__init__", noted)
            yield

    @contextmanager
    def trail_is_down(self) -> Iterator[None]:
        """Let every entry of the audit trail fail to be written, as when a disk is full."""
        self._is_down = True
        try:
            yield
        finally:
            self._is_down = False

    @contextmanager
    def with_twilio(self) -> Iterator[None]:
        """Send texts by Twilio, so that its calls are listened to."""
        with self.app.app_context():
            settings = current_settings()
        told = replace(settings, sms_provider="twilio", twilio_auth_token=TWILIO_TOKEN)
        set_settings(self.app, told)
        try:
            yield
        finally:
            set_settings(self.app, settings)
