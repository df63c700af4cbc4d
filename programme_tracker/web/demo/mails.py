"""The mails of a demonstration as they would have gone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import Channel

MOST = 50


@dataclass(frozen=True)
class MailSeen:
    """One mail: to whom, where, when, and its lines; the first is its subject."""

    name: str
    address: str
    at: datetime
    lines: list[str]


def every_mail() -> list[MailSeen]:
    """Return the newest mails, the newest first."""
    found = (
        select(Message, Staff.name)
        .join(Staff, Staff.id == Message.staff_id)
        .where(Message.channel == Channel.EMAIL, Message.handed_over_at.is_not(None))
        .order_by(Message.handed_over_at.desc(), Message.id.desc())
        .limit(MOST)
    )
    return [
        MailSeen(name, message.to_address or "", message.handed_over_at, message.body.split("\n"))
        for message, name in db.session.execute(found)
        if message.handed_over_at is not None
    ]
