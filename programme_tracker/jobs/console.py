"""The reports that a network would send on the texts of a demonstration."""

from datetime import datetime

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers import ConsoleProvider, Provider
from programme_tracker.messaging.providers.console import DELIVERED_AFTER, SID_PREFIX
from programme_tracker.messaging.rules import MessageState
from programme_tracker.workflows.delivering import take_report

MOST = 200


def report_deliveries(provider: Provider, *, now: datetime) -> int:
    """Report the texts that the console has had for some seconds as delivered; return how many.

    They come in by the door through which every provider's reports come, each at its own moment.
    Does nothing for any other provider.
    """
    if not (isinstance(provider, ConsoleProvider) and provider.delivers):
        return 0
    found = (
        select(Message.id, Message.provider_sid, Message.handed_over_at)
        .where(
            Message.state.in_((MessageState.ACCEPTED, MessageState.SENT)),
            Message.provider_sid.startswith(SID_PREFIX),
            Message.handed_over_at <= now - DELIVERED_AFTER,
        )
        .order_by(Message.handed_over_at, Message.id)
        .limit(MOST)
    )
    taken = db.session.execute(found).all()
    db.session.rollback()
    for message_id, sid, handed_over_at in taken:
        take_report(
            "delivered", message_id=message_id, sid=sid, now=(handed_over_at or now) + DELIVERED_AFTER
        )
    return len(taken)
