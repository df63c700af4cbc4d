"""Claimed messages as plain rows: read and held many at a time, without the session's book-keeping."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select

from programme_tracker.kernel.database import db, table_of
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import Channel, MessageKind, MessageState, Recipient


@dataclass(frozen=True)
class Claim:
    """One worker's hold on one message; the token tells this attempt from any later one."""

    message_id: int
    token: str


@dataclass(frozen=True)
class Handover:
    """What a provider is given, read while the row was held: no need to look again while it answers."""

    to: str
    body: str
    message_id: int
    validity_seconds: int


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """What is asked of one held message, as it stands in its locked row."""

    id: int
    channel: Channel
    kind: MessageKind
    recipient: Recipient
    participant_id: int | None
    staff_id: int | None
    enrolment_id: int | None
    session_id: int | None
    session_version: int | None
    offset_days: int | None
    body: str
    state: MessageState
    send_at: datetime
    expires_at: datetime
    lease_token: str | None
    attempts: int
    handed_over_at: datetime | None


_COLUMNS = [table_of(Message).c[field.name] for field in fields(HeldMessage)]


def held_claims(claims: Collection[Claim], *, wait: bool = True) -> dict[Claim, HeldMessage]:
    """Lock the rows that these claims still hold, by id; without ``wait`` leave those that others lock.

    Whoever locks many at once must not wait while holding some: others take them in other orders.
    """
    by_id = table_of(Message).c.id
    found = select(*_COLUMNS).where(by_id.in_([claim.message_id for claim in claims]))
    found = found.order_by(by_id).with_for_update(skip_locked=not wait)
    rows = {row.id: HeldMessage(*row) for row in db.session.execute(found)}
    held = {claim: rows[claim.message_id] for claim in claims if claim.message_id in rows}
    return {claim: row for claim, row in held.items() if row.lease_token == claim.token}
