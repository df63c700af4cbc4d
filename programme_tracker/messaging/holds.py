"""Reading whether all sending is held, and why."""

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import SendingHold

#: A person said stop.
BY_PERSON = "person"
#: The database was found to be an earlier one: what it would send may have been sent before.
RESTORED = "restored"


def open_holds() -> list[SendingHold]:
    """Return the holds that nobody has released, the oldest first."""
    found = select(SendingHold).where(SendingHold.released_at.is_(None)).order_by(SendingHold.id)
    return list(db.session.scalars(found))


def is_held() -> bool:
    """Tell whether nothing may be sent until a person releases it."""
    return db.session.scalar(select(SendingHold.id).where(SendingHold.released_at.is_(None))) is not None
