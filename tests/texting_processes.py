"""Processes that send texts to the stub and hear from it, and can be killed at any step."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Flask
from sqlalchemy import event

from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.jobs.dispatch import Dispatch
from programme_tracker.jobs.due import run_due
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.outcomes import Accepted
from programme_tracker.messaging.providers.twilio import TwilioProvider
from tests.processes import Life, write_line
from tests.twilio_stub import ACCOUNT, TOKEN

PUBLIC = "https://tracker.example.org"
#: Longer than the stub ever takes for an answer that comes.
PATIENCE_SECONDS = 1.0

#: A status callback: its address, fields and signature.
Call = tuple[str, dict[str, str], str]


class MortalProvider(TwilioProvider):
    """Twilio's client in a process that can die on either side of a call."""

    def __init__(self, address: str, life: Life) -> None:
        super().__init__(
            ACCOUNT,
            TOKEN,
            from_number="+447700900900",
            public_url=PUBLIC,
            base_url=address,
            timeout=PATIENCE_SECONDS,
        )
        self._life = life

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Call the stub."""
        self._life.step()
        accepted = super().send(to=to, body=body, message_id=message_id, validity_seconds=validity_seconds)
        self._life.step()
        return accepted


@contextmanager
def _application(url: str, folder: Path, now: datetime, die_at: int | None) -> Iterator[tuple[Flask, Life]]:
    environ = {
        "PT_DEMO": "1",
        "PT_DATABASE_URL": url,
        "PT_INSTANCE_PATH": str(folder),
        "PT_PUBLIC_URL": PUBLIC,
    }
    settings = replace(load_settings(environ), sms_provider="twilio", twilio_auth_token=TOKEN)
    app, life = create_app(settings, SettableClock(now)), Life(die_at)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", life.step)
        event.listen(db.engine, "commit", life.step)
        try:
            yield app, life
        finally:
            db.session.remove()
            db.engine.dispose()


def send_texts(url: str, folder: Path, now: datetime, address: str, *, die_at: int | None = None) -> None:
    """Be a worker with several connections: do what is due until nothing is."""
    with _application(url, folder, now, die_at) as (_app, life):
        dispatch = Dispatch(MortalProvider(address, life), threads=3)
        while run_due(dispatch.provider, now=now, limit=20, worker=f"w{os.getpid()}", dispatch=dispatch):
            pass
        dispatch.close()


def hear(url: str, folder: Path, now: datetime, calls: list[Call], *, die_at: int | None = None) -> None:
    """Be the web: take status callbacks, and note which were answered well."""
    with _application(url, folder, now, die_at) as (app, _life):
        client = app.test_client()
        for address, fields, signature in calls:
            answer = client.post(
                urlsplit(address).path,
                data=urlencode(fields),
                content_type="application/x-www-form-urlencoded",
                headers={"Host": "tracker.example.org", "X-Twilio-Signature": signature},
            )
            write_line(
                folder / "heard", f"{answer.status_code} {fields['MessageSid']} {fields['MessageStatus']}"
            )
