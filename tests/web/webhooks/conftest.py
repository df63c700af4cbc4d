"""Twilio as it calls us: signs what it sends, by the address it was given."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # has no types
from werkzeug.test import TestResponse

from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from tests.stores import Store

TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://tracker.example.org"

#: Fields as Twilio sends them, those that we never heard of included.
STATUS = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+447700900101", "NewThing": "x"}
INBOUND = {
    "MessageSid": "SM9",
    "From": "+447700900101",
    "To": "+447700900999",
    "Body": "Hello",
    "NumMedia": "0",
}

#: Posts fields to a path; keyword arguments change how.
Calls = Callable[..., TestResponse]


@pytest.fixture
def app(store: Store, clock: SettableClock, tmp_path: Path) -> Any:
    """Give an application whose texts go by Twilio, behind one proxy."""
    environ = {
        "PT_DEMO": "1",
        "PT_DATABASE_URL": store.url,
        "PT_INSTANCE_PATH": str(tmp_path / "instance"),
        "PT_PUBLIC_URL": PUBLIC,
        "PT_TRUSTED_PROXIES": "1",
    }
    settings = replace(load_settings(environ), sms_provider="twilio", twilio_auth_token=TOKEN)
    app = create_app(settings, clock)
    app.config["TESTING"] = True
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def calls(app: Flask) -> Calls:
    """Give a function that calls as Twilio does, through the proxy."""

    def call(
        path: str,
        fields: Any = (),
        *,
        token: str = TOKEN,
        address: str = PUBLIC,
        signature: str | None = None,
        headers: dict[str, str] | None = None,
        content_type: str = "application/x-www-form-urlencoded; charset=UTF-8",
        method: str = "POST",
    ) -> TestResponse:
        signed = RequestValidator(token).compute_signature(address + path, dict(fields))
        sent = {
            "Host": "tracker.example.org",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "54.172.60.1",
            "X-Twilio-Signature": signed if signature is None else signature,
            "I-Twilio-Idempotency-Token": "fresh every time",
            **(headers or {}),
        }
        body = urlencode(dict(fields)).encode()
        return app.test_client().open(path, method=method, data=body, headers=sent, content_type=content_type)

    return call
