"""A database with calls that wait is migrated there and back, and nothing of them is lost."""

import json
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from programme_tracker.kernel import migration
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import EventKind, ProviderEvent
from programme_tracker.messaging.queries import fields_of
from programme_tracker.messaging.services import keep_event
from programme_tracker.messaging.services.events import event_done

NOW = datetime(2026, 11, 21, 17, tzinfo=UTC)
BEFORE = "8e41d7c0b6f5"
SAID = {"From": "+447700900101", "Body": "Iawn 👍 \u202e"}

pytestmark = pytest.mark.each_store


def test_calls_that_wait_are_sealed_by_the_migration_and_opened_on_the_way_back(app: Flask) -> None:
    with app.app_context():
        keep_event(EventKind.INBOUND, "inbound:SM1", {"From": "done"}, now=NOW)
        event_done(db.session.scalars(db.select(ProviderEvent.id)).one(), now=NOW)
        keep_event(EventKind.INBOUND, "inbound:SM2", SAID, now=NOW)
        db.session.remove()
        migration.downgrade(db.engine, BEFORE)
        with db.engine.connect() as connection:
            fields = connection.execute(text("SELECT fields FROM provider_events ORDER BY id")).scalars()
            plain = [json.loads(one) if isinstance(one, str) else one for one in fields]
        assert plain == [{}, SAID]
        migration.upgrade(db.engine)
        done, waits = db.session.scalars(db.select(ProviderEvent).order_by(ProviderEvent.id))
        assert (fields_of(done), fields_of(waits)) == ({}, SAID)
        assert waits.fields_sealed and "7700900101" not in waits.fields_sealed
