"""Changing a message's state: the one place that does, so that each change leaves its row."""

from datetime import datetime, timedelta
from typing import Any

from programme_tracker.audit.services import record
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.messaging import figures
from programme_tracker.messaging.models import Message, MessageChange
from programme_tracker.messaging.rules import Channel, MessageState, may_follow, next_state
from programme_tracker.messaging.services.held import HeldMessage

#: How long after a lost answer the provider is asked first: its lists lag behind.
FIRST_ASK = timedelta(minutes=1)

#: How often the provider is asked about a message it has and says nothing of.
POLL_EVERY = timedelta(hours=1)

#: How long news may take before the delivery counts as unknown.
NEWS_WITHIN = timedelta(hours=72)

#: What a change of state takes away: whatever was being asked about the state before.
UNASKED: dict[str, Any] = {
    "settle_at": None,
    "settle_tries": 0,
    "absent_at": None,
    "needs_person_at": None,
    "candidates": None,
}

_UNDERWAY = frozenset({MessageState.ACCEPTED, MessageState.SENT})

#: An attempt has it, or had it and lost the answer.
_IN_HAND = frozenset({MessageState.SENDING, MessageState.UNKNOWN})


class MessageStateError(Exception):
    """A message was asked to go where its life cycle does not lead."""


def move(message: Message, to_state: MessageState, *, cause: str, now: datetime) -> None:
    """Change a message's state and note when and why; the caller holds the row.

    Raises MessageStateError for a step the life cycle does not have.
    """
    if not may_follow(message.state, to_state):
        raise MessageStateError(f"message {message.id} cannot go from {message.state} to {to_state}")
    db.session.add(
        MessageChange(message_id=message.id, from_state=message.state, to_state=to_state, at=now, cause=cause)
    )
    message.state = to_state
    # Nobody can be asked about mail.
    is_asked = to_state is MessageState.UNKNOWN and message.channel is Channel.SMS
    for name, nothing in UNASKED.items():
        setattr(message, name, nothing)
    if is_asked:
        message.settle_at = now + FIRST_ASK
    figures.MESSAGES.labels(message.channel, to_state).inc()
    if to_state is MessageState.BLOCKED:
        figures.BLOCKED.labels(cause).inc()


def note(event: str, message: Message, *, now: datetime, actor: Actor = SYSTEM, **detail: Any) -> None:
    """Write a message's audit row: whom and what it is about, never what it says."""
    details = {**about(message), **detail}
    record(event, message, actor=actor, at=now, enrolment_id=message.enrolment_id, **details)


def about(message: Message | HeldMessage) -> dict[str, Any]:
    """Return what the trail says of a message beside its enrolment."""
    return {
        "kind": message.kind,
        "channel": message.channel,
        "recipient": message.recipient,
        "participant_id": message.participant_id,
        "staff_id": message.staff_id,
        "session_id": message.session_id,
        "offset_days": message.offset_days,
    }


def free(message: Message) -> None:
    """Take the lease off a message."""
    message.lease_until = None
    message.lease_token = None


def apply_news(
    message: Message, news: MessageState, *, cause: str, error_code: str | None, now: datetime
) -> bool:
    """Move a message on by what the provider says of it; False when that was no news.

    The first news of an attempt, whatever it is, shows that the provider has it: that is when it was
    handed over, once more if an earlier copy did not arrive.
    """
    if next_state(message.state, news) is message.state:
        return False
    is_new_copy = message.handed_over_at is None or message.state in _IN_HAND
    move(message, news, cause=cause, now=now)
    message.lease_until = None
    message.delivery_unknown_at = None
    if is_new_copy:
        message.handed_over_at = now
        figures.LATENESS.labels(message.channel).observe(max(0.0, (now - message.send_at).total_seconds()))
        note("message.handed_over", message, now=now)
    _note_news(message, news, error_code, now)
    return True


def _note_news(message: Message, news: MessageState, error_code: str | None, now: datetime) -> None:
    if news is MessageState.DELIVERED:
        message.delivered_at = now
        message.error_code = None
        note("message.delivered", message, now=now)
    elif news is MessageState.SENT:
        note("message.sent", message, now=now)
    elif news in (MessageState.FAILED, MessageState.UNDELIVERED):
        message.error_code = error_code
        note("message.failed", message, now=now, state=news, error_code=error_code)


def poll_if_kept(message: Message, is_kept: bool, now: datetime) -> None:
    """Plan to ask the provider about a message that is under way, if it can be asked."""
    if is_kept and message.state in _UNDERWAY:
        message.settle_at = now + POLL_EVERY
