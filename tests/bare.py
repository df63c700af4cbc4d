"""An application that is a database and its keys, nothing else, for tests of the lowest rooms."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import Connection, create_engine, text

from programme_tracker.audit.services import record
from programme_tracker.config import load_settings
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.application import set_settings
from programme_tracker.kernel.database import db, init_database
from programme_tracker.kernel.settings import StoredSetting, read_setting, write_setting
from programme_tracker.kernel.transaction import locked, transaction

_KEY = base64.b64encode(bytes(32)).decode()
_SECRETS = {"PT_SECRET_KEY": _KEY, "PT_BLIND_INDEX_KEY": _KEY}

NOON = datetime(2026, 9, 1, 11, tzinfo=UTC)


@contextmanager
def bare_app(url: str) -> Iterator[Flask]:
    """Open a bare application on the database at ``url``, in its context, and close it again."""
    app = Flask("bare")
    set_settings(app, load_settings({"PT_DEMO": "1", "PT_FIELD_KEYS": f"bare:{_KEY}", **_SECRETS}))
    init_database(app, url)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def another_connection(url: str) -> Iterator[Connection]:
    """Open a connection that is not the application's and waits for no lock; commit what it did."""
    patience = {"timeout": 0} if url.startswith("sqlite") else {"options": "-c lock_timeout=50ms"}
    engine = create_engine(url, connect_args=patience)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def committed_value(url: str, key: str) -> str | None:
    """Read a stored setting as somebody else sees it."""
    with another_connection(url) as connection:
        value = connection.scalar(text("SELECT value FROM stored_settings WHERE key = :key"), {"key": key})
        return None if value is None else str(value)


def count_up(url: str, rounds: int, start: Barrier, answers: Any) -> None:
    """Add one to a stored number ``rounds`` times, a transaction each; a child process's work."""
    try:
        with bare_app(url):
            start.wait(timeout=60)
            for _ in range(rounds):
                read_setting("count")  # an older value in the session must not survive the lock
                with transaction():
                    row = locked(StoredSetting, "count")
                    write_setting("count", str(int(row.value) + 1), now=NOON)
                    record("counted", row, actor=SYSTEM, at=NOON)
        answers.put("")
    except BaseException as error:
        answers.put(repr(error))
        raise
