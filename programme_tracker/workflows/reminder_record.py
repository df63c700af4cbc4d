"""Whether the reminders before a session reached the person: shown with every flag and notice."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageKind, MessageState
from programme_tracker.scheduling.models import Session

_GONE = {MessageState.ACCEPTED, MessageState.SENT}
_FAILED = {MessageState.FAILED, MessageState.UNDELIVERED}


def reminders_before(session_id: int, enrolment_id: int) -> str:
    """Say in words what became of the reminders for one person and session."""
    return reminders_before_each([session_id], enrolment_id)[session_id]


def reminders_before_each(session_ids: Collection[int], enrolment_id: int) -> dict[int, str]:
    """Say in words what became of one person's reminders, by session; one look at the database."""
    found = (
        select(Message.session_id, Message.state)
        .join(Session, Session.id == Message.session_id)
        .where(
            # Those for a time that the session was moved away from were rightly taken back.
            Message.session_version == Session.version,
            Message.session_id.in_(session_ids),
            Message.enrolment_id == enrolment_id,
            Message.kind == MessageKind.REMINDER,
        )
    )
    states: dict[int, list[MessageState]] = defaultdict(list)
    for session_id, state in db.session.execute(found):
        states[session_id or 0].append(state)
    return {session_id: _words(states[session_id]) for session_id in session_ids}


def _words(states: Sequence[MessageState]) -> str:
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
