"""Databases with one CARA case already in them, so that a test of what follows starts at once.

A module of tests takes the fixtures by naming them: ``case = ready.case`` and the two templates.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.kernel.clock import Clock, SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import from_local
from tests.factories.cases import CaraCase, cara_case
from tests.stores import Store, copied_database

#: When the case is made and every test starts: 09:00 in London, Tuesday 1 September 2026.
START = datetime(2026, 9, 1, 8, tzinfo=UTC)

_made: dict[str, CaraCase] = {}


def wall(text: str) -> datetime:
    """Return the instant of a London wall time written as "2026-09-14 17:00"."""
    return from_local(datetime.fromisoformat(text))


@contextmanager
def open_app(url: str, folder: Path, clock: Clock) -> Iterator[Flask]:
    """Open the whole application on a database that is there, in its context, and close it again."""
    environ = {
        "PT_DEMO": "1",
        "PT_DATABASE_URL": url,
        "PT_INSTANCE_PATH": str(folder),
        "PT_PUBLIC_URL": "http://localhost",
    }
    app = create_app(load_settings(environ), clock)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def _make(store: str, url: str, folder: Path) -> None:
    with open_app(url, folder, SettableClock(START)):
        _made[store] = cara_case()


@pytest.fixture(scope="session")
def sqlite_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the case in it, to be copied."""
    folder = tmp_path_factory.mktemp("ready")
    path = folder / "ready.sqlite3"
    shutil.copyfile(sqlite_template, path)
    _make("sqlite", f"sqlite:///{path}", folder / "instance")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL database with the case in it, to be copied."""
    with copied_database(postgresql_template) as url:
        _make("postgresql", url, tmp_path_factory.mktemp("ready"))
        yield url


@pytest.fixture
def case(store: Store, app: Flask) -> Iterator[CaraCase]:
    """The case, in the application's context: both workshops booked, nothing held yet."""
    with app.app_context():
        try:
            yield _made[store.name]
        finally:
            db.session.rollback()
