"""Addresses of private calendars: made, revoked, and read without signing in.

Whoever knows the address may read it, so it holds a secret too long to guess, is shown once, and
tells no name (product.md §5). A disabled account's opens nothing.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from programme_tracker.accounts.models import CalendarFeed, Staff
from programme_tracker.accounts.queries import token_hash
from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import locked, transaction

HOUR = timedelta(hours=1)

#: Calendar programs ask every few minutes at the most; more often than this is refused.
READS_AN_HOUR = 60


class ReadTooOftenError(Exception):
    """A calendar was asked for more than ``READS_AN_HOUR`` times within an hour."""


def live_feed(staff_id: int) -> CalendarFeed | None:
    """Return somebody's calendar address that works, None when there is none."""
    found = select(CalendarFeed).where(CalendarFeed.staff_id == staff_id, CalendarFeed.revoked_at.is_(None))
    return db.session.scalars(found).first()


def make_feed(staff_id: int, *, actor: Actor, now: datetime) -> str:
    """Make somebody's calendar address and return its secret, told once; an older one stops working."""
    secret = secrets.token_urlsafe(32)
    with transaction():
        staff = locked(Staff, staff_id)
        old = live_feed(staff_id)
        if old is not None:
            old.revoked_at = now
            db.session.flush()
        db.session.add(CalendarFeed(staff_id=staff_id, secret_hash=token_hash(secret), made_at=now))
        audit.record("calendar_feed_made", staff, actor=actor, at=now, replaces=old is not None)
    return secret


def revoke_feed(staff_id: int, *, actor: Actor, now: datetime) -> bool:
    """Stop somebody's calendar address from working; tell whether there was one."""
    with transaction():
        staff = locked(Staff, staff_id)
        feed = live_feed(staff_id)
        if feed is None:
            return False
        feed.revoked_at = now
        audit.record("calendar_feed_revoked", staff, actor=actor, at=now)
    return True


def reader_of(secret: str, *, now: datetime) -> Staff | None:
    """Return whose calendar a secret opens, and count the reading; None when it opens nothing.

    ``now`` is the machine's time, as for sign-ins. Raises ReadTooOftenError.
    """
    live = select(CalendarFeed.id).join(Staff, Staff.id == CalendarFeed.staff_id)
    asked = live.where(CalendarFeed.secret_hash == token_hash(secret))
    feed_id = db.session.scalar(asked.where(CalendarFeed.revoked_at.is_(None), Staff.is_active))
    if feed_id is None:
        return None
    with transaction():
        feed = locked(CalendarFeed, feed_id)
        if feed.hour_began_at is None or now - feed.hour_began_at >= HOUR:
            feed.hour_began_at, feed.reads = now, 0
        if feed.reads >= READS_AN_HOUR:
            raise ReadTooOftenError
        feed.reads += 1
        feed.last_read_at = now
        staff_id = feed.staff_id
    return db.session.get(Staff, staff_id)
