"""Texts set apart for victim safety, as lists show them: from which number and when, never the words."""

from collections.abc import Sequence

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import InboundMessage

MOST = 200


def waiting_apart() -> Sequence[InboundMessage]:
    """Return the texts set apart that wait to be read, oldest first."""
    found = select(InboundMessage).where(
        InboundMessage.is_quarantined, InboundMessage.waiting_since_at.is_not(None)
    )
    return db.session.scalars(found.order_by(InboundMessage.id).limit(MOST)).all()


def read_apart() -> Sequence[InboundMessage]:
    """Return the texts set apart that were dealt with, newest first."""
    found = select(InboundMessage).where(
        InboundMessage.is_quarantined, InboundMessage.waiting_since_at.is_(None)
    )
    return db.session.scalars(found.order_by(InboundMessage.id.desc()).limit(MOST)).all()
