"""Whether the reminders before a session reached the person: shown with every flag and notice."""

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageKind, MessageState

_GONE = {MessageState.ACCEPTED, MessageState.SENT}
_FAILED = {MessageState.FAILED, MessageState.UNDELIVERED}


def reminders_before(session_id: int, enrolment_id: int) -> str:
    """Say in words what became of the reminders for one person and session."""
    states = list(
        db.session.scalars(
            select(Message.state).where(
                Message.session_id == session_id,
                Message.enrolment_id == enrolment_id,
                Message.kind == MessageKind.REMINDER,
            )
        )
    )
    if not states:
        return "No reminder was planned"
    delivered = sum(state is MessageState.DELIVERED for state in states)
    gone = sum(state in _GONE for state in states)
    failed = sum(state in _FAILED for state in states)
    blocked = len(states) - delivered - gone - failed
    parts = [
        f"{count} {word}"
        for count, word in (
            (delivered, "delivered"),
            (gone, "sent, delivery not confirmed"),
            (failed, "failed"),
            (blocked, "not sent"),
        )
        if count
    ]
    return "Reminders: " + ", ".join(parts)
