"""Keeping the provider's calls until a worker does what they ask."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import seal
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.messaging.models import EventKind, ProviderEvent

#: What stands for a NUL byte, which PostgreSQL keeps in no text.
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def keep_event(
    kind: EventKind,
    key: str,
    fields: Mapping[str, str],
    *,
    now: datetime,
    message_id: int | None = None,
) -> bool:
    """Keep one call of the provider's, due at once; False when this news was kept before.

    The trail gets its row when a worker acts on it: here nothing is decided yet.
    """
    event = ProviderEvent(
        key=_storable(key),
        kind=kind,
        message_id=message_id,
        received_at=now,
        due_at=now,
    )
    with transaction():
        if db.session.scalar(select(ProviderEvent.id).where(ProviderEvent.key == event.key)) is not None:
            return False
        try:
            with db.session.begin_nested():
                db.session.add(event)
                db.session.flush()
                event.fields_sealed = _sealed(event.id, fields)
        except IntegrityError:
            # The same call at the same moment, on another connection, was quicker.
            return False
    return True


def _sealed(event_id: int, fields: Mapping[str, str]) -> str:
    said = {_storable(name): _storable(value) for name, value in fields.items()}
    return seal(json.dumps(said), "provider_events", event_id, "fields")


def _storable(text: str) -> str:
    return text.replace("\x00", _REPLACEMENT)


def event_done(event_id: int, *, now: datetime) -> None:
    """Mark a kept call as done and forget what it said."""
    with transaction():
        event = locked(ProviderEvent, event_id)
        event.due_at, event.done_at, event.fields_sealed = None, now, None
