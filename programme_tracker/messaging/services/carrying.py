"""Letting one alert tell of several things, so that nobody gets three mails in a minute."""

from datetime import datetime

from sqlalchemy import select

from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import NOT_YET_GONE, MessageKind
from programme_tracker.messaging.services.outbox import cancel


def take_along(message: Message, *, now: datetime) -> list[str]:
    """Let an alert that is about to leave speak for every other due one to the same address.

    The others are cancelled under it, and stay so: the alert that carries them is tried until it
    arrives. Returns the keys of all it carries, its own first. The caller holds the row, inside a
    transaction.
    """
    others = (
        select(Message)
        .where(
            Message.staff_id == message.staff_id,
            Message.channel == message.channel,
            Message.kind == MessageKind.ALERT,
            Message.state.in_(NOT_YET_GONE),
            Message.send_at <= now,
            Message.id != message.id,
        )
        .order_by(Message.id)
        # Another worker may be sending one of them this moment: that one goes by itself.
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    for other in db.session.scalars(others).all():
        if cancel(other, cause=f"told with message {message.id}", actor=SYSTEM, now=now):
            other.carried_by_id = message.id
    db.session.flush()
    return carried_keys(message)


def carried_keys(message: Message) -> list[str]:
    """Return the keys of an alert and of all it speaks for, its own first."""
    found = select(Message.key).where(Message.carried_by_id == message.id).order_by(Message.id)
    return [message.key, *db.session.scalars(found)]
