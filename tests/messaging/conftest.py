"""The outbox's tests run on a bare application."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.database import db
from tests.bare import bare_app
from tests.stores import Store


@pytest.fixture
def on_store(store: Store) -> Iterator[Store]:
    """Open a bare application on the store, in its context."""
    with bare_app(store.url):
        yield store


@pytest.fixture
def audited() -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """Give a function that lists the audit trail's events with their details, oldest first."""

    def events() -> list[tuple[str, dict[str, Any]]]:
        rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence))
        return [(row.event, row.detail | {"enrolment_id": row.enrolment_id}) for row in rows]

    return events
