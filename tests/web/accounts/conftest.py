import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db

if TYPE_CHECKING:
    from tests.stores import Store


@pytest.fixture
def service(store: "Store", clock: SettableClock, tmp_path: Path) -> Iterator[Flask]:
    """Give the application as it stands in service, where a code follows every password."""
    key = base64.b64encode(b"k" * 32).decode()
    environ = {
        "PT_DATABASE_URL": store.url,
        "PT_INSTANCE_PATH": str(tmp_path / "instance"),
        "PT_PUBLIC_URL": "http://localhost",
        "PT_SECRET_KEY": "s" * 40,
        "PT_FIELD_KEYS": f"k1:{key}",
        "PT_BLIND_INDEX_KEY": key,
        "PT_TWILIO_ACCOUNT_SID": "account",
        "PT_TWILIO_AUTH_TOKEN": "token",
        "PT_TWILIO_FROM": "+447700900000",
        "PT_CALLBACK_NUMBER": "01632 960999",
    }
    app = create_app(load_settings(environ), clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
