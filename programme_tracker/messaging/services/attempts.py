"""What a provider has of ours, under its own ids, and taking the words away there in the end."""

from datetime import datetime, timedelta

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.messaging.models import Message, MessageAttempt
from programme_tracker.messaging.rules import NEWS, MessageState, next_state

#: Waits before the provider is asked again to forget a text's words.
_REDACT_AGAIN, _REDACT_SELDOM = timedelta(minutes=5), timedelta(days=1)

_FINAL = frozenset({MessageState.DELIVERED, MessageState.UNDELIVERED, MessageState.FAILED})


def keep_attempt(
    message: Message, sid: str, state: MessageState, *, is_kept: bool, now: datetime, code: str | None = None
) -> MessageAttempt | None:
    """Note that the provider has a held message under ``sid``, and how far that one came.

    Returns None, and notes nothing, where the id belongs to another message of ours.
    """
    attempt = db.session.scalar(select(MessageAttempt).where(MessageAttempt.provider_sid == sid))
    if attempt is None:
        attempt = MessageAttempt(
            message_id=message.id, provider_sid=sid, state=MessageState.ACCEPTED, known_at=now, redact_tries=0
        )
        db.session.add(attempt)
    elif attempt.message_id != message.id:
        return None
    attempt.is_kept = bool(attempt.is_kept) or is_kept
    attempt.state = next_state(attempt.state, state) if state in NEWS else attempt.state
    attempt.error_code = code or attempt.error_code
    if attempt.is_kept and attempt.state in _FINAL and attempt.redacted_at is None:
        attempt.redact_at = attempt.redact_at or now
    return attempt


def give_up_words(attempt: MessageAttempt, *, now: datetime) -> None:
    """Have the words of a held attempt taken away although its end was never reported."""
    if attempt.is_kept and attempt.redacted_at is None:
        attempt.redact_at = attempt.redact_at or now


def note_redacted(attempt_id: int, *, now: datetime) -> None:
    """Note that the provider no longer holds the words of one text."""
    with transaction():
        attempt = locked(MessageAttempt, attempt_id)
        attempt.redacted_at, attempt.redact_at = now, None


def redact_later(attempt_id: int, *, now: datetime) -> datetime:
    """Plan to ask again, seldomer each time, and return when; for an attempt that could not be redacted."""
    with transaction():
        attempt = locked(MessageAttempt, attempt_id)
        wait = min(_REDACT_AGAIN * 2 ** min(attempt.redact_tries, 16), _REDACT_SELDOM)
        attempt.redact_tries += 1
        attempt.redact_at = now + wait
        return attempt.redact_at
