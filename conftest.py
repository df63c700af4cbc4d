"""What every test may ask for: the application, a client, the clock and the outbox."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from programme_tracker.config import load_settings
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db

if TYPE_CHECKING:
    from tests.stores import Store  # pytest loads it as a plugin, which must come first

pytest_plugins = ["tests.quickness", "tests.chromium", "tests.sockets", "tests.stores", "tests.strictness"]


@pytest.fixture
def clock() -> SettableClock:
    """Give a clock that stands at 09:00 in London on Tuesday 1 September 2026 until it is moved."""
    return SettableClock(datetime(2026, 9, 1, 8, tzinfo=UTC))


@pytest.fixture
def app(store: "Store", clock: SettableClock, tmp_path: Path) -> Iterator[Flask]:
    """Give the whole application on a database of its own, without a context."""
    from programme_tracker.app import create_app

    environ = {
        "PT_DEMO": "1",
        "PT_DATABASE_URL": store.url,
        "PT_INSTANCE_PATH": str(tmp_path / "instance"),
        "PT_PUBLIC_URL": "http://localhost",
    }
    app = create_app(load_settings(environ), clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a browser without JavaScript that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def outbox(app: Flask) -> Callable[[], list[Any]]:
    """Give a function that lists every message written so far, oldest first."""
    from programme_tracker.messaging.models import Message

    def messages() -> list[Any]:
        with app.app_context():
            return list(db.session.scalars(select(Message).order_by(Message.id)))

    return messages
