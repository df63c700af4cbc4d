"""Whether due work gets done: a few reads of indexed columns, the same whatever the database holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from programme_tracker.escalation.models import Notice
from programme_tracker.jobs.heartbeat import GONE_AFTER, last_beat
from programme_tracker.kernel.clock import SystemClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.holds import open_holds
from programme_tracker.messaging.models import Message, SendingHold
from programme_tracker.messaging.rules import MessageState
from programme_tracker.referrals.models import Enrolment

#: Work that has waited longer than this means that nobody does it.
TOO_LONG = timedelta(minutes=5)


@dataclass(frozen=True)
class Standing:
    """What waits at an instant, each by the moment at which it should have been done."""

    message_due_at: datetime | None
    notice_due_at: datetime | None
    look_due_at: datetime | None
    #: By the machine's clock.
    last_beat_at: datetime | None
    holds: tuple[SendingHold, ...]

    def stuck_message(self, now: datetime) -> datetime | None:
        """Return since when the oldest message has waited too long; None while sending is held."""
        return None if self.holds else _too_long(self.message_due_at, now)

    def stuck_notice(self, now: datetime) -> datetime | None:
        """Return since when the oldest notice has waited too long."""
        return _too_long(self.notice_due_at, now)

    def is_alive(self, now: datetime) -> bool:
        """Tell whether due messages and notices go out (the dead man's signal)."""
        return self.stuck_message(now) is None and self.stuck_notice(now) is None

    def silent_since(self) -> datetime | None:
        """Return when the last worker gave a sign of life, if that is too long ago."""
        at = self.last_beat_at
        return at if at is not None and SystemClock().now() - at > GONE_AFTER else None


def standing(now: datetime) -> Standing:
    """Read what waits at ``now``."""
    messages = (
        _oldest(Message.send_at, now, MessageState.PLANNED),
        _oldest(Message.lease_until, now, MessageState.CLAIMED),
        _oldest(Message.lease_until, now, MessageState.SENDING),
    )
    notices = (_oldest(Notice.release_at, now), _oldest(Notice.chase_at, now))
    return Standing(
        message_due_at=min((at for at in messages if at), default=None),
        notice_due_at=min((at for at in notices if at), default=None),
        look_due_at=_oldest(Enrolment.reassess_at, now),
        last_beat_at=last_beat(),
        holds=tuple(open_holds()),
    )


def _oldest(
    column: "InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]",
    now: datetime,
    state: MessageState | None = None,
) -> datetime | None:
    found = select(func.min(column)).where(column <= now)
    if state is not None:
        found = found.where(Message.state == state)
    return db.session.scalar(found)


def _too_long(due_at: datetime | None, now: datetime) -> datetime | None:
    return due_at if due_at is not None and now - due_at > TOO_LONG else None
