"""Settling what nobody knows: the provider is asked, the second time at the earliest it is believed.

The caller asks the provider between two of these, with no transaction open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.messaging import queries
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import BlockedReason, MessageState
from programme_tracker.messaging.services.attempts import give_up_words
from programme_tracker.messaging.services.changes import NEWS_WITHIN, POLL_EVERY, apply_news, free, move, note

#: A text that is absent twice, so far apart, never reached the provider.
ABSENT_TWICE = timedelta(minutes=2)

#: How long one worker may take to ask before another asks too.
_ASKING = timedelta(minutes=5)

_ASK_AGAIN, _ASK_SELDOM = timedelta(minutes=1), timedelta(hours=1)

_S = MessageState


@dataclass(frozen=True)
class Question:
    """What the provider is to be asked about one message.

    With a ``sid`` what became of it; without, whether there is a text with this ``body`` to this
    number, made at ``since`` or later.
    """

    message_id: int
    sid: str | None
    to: str
    body: str
    since: datetime


def begin_asking(message_id: int, *, now: datetime) -> Question | None:
    """Take it on to ask about a message; None when it is no longer to be asked about, or not yet."""
    with transaction():
        message = locked(Message, message_id)
        if message.settle_at is None or message.settle_at > now:
            return None
        message.settle_at = now + _ASKING
        return Question(
            message.id,
            None if message.state is _S.UNKNOWN else message.provider_sid,
            message.to_address or "",
            message.body,
            message.attempted_at or message.created_at,
        )


def ask_later(message_id: int, *, now: datetime) -> None:
    """Ask again, seldomer each time: the provider's answer was lost or there was none."""
    with transaction():
        message = locked(Message, message_id)
        if message.settle_at is not None:
            message.settle_at = now + min(_ASK_AGAIN * 2 ** min(message.settle_tries, 16), _ASK_SELDOM)
            message.settle_tries += 1


def ask_soon(message: Message, *, now: datetime) -> None:
    """Ask about a held message again in a minute: another that says the same is on its way."""
    message.settle_at = now + _ASK_AGAIN


def note_absent(message: Message, *, now: datetime) -> bool:
    """Note that the provider has no such text; True when that was shown twice, two minutes apart."""
    if message.absent_at is None:
        message.absent_at = now
    if now - message.absent_at >= ABSENT_TWICE:
        return True
    message.settle_at = message.absent_at + ABSENT_TWICE
    return False


def send_after_all(message: Message, *, cause: str, now: datetime, actor: Actor = SYSTEM) -> None:
    """Plan a held ``unknown`` message that never went again, under a new token; or end it as too late."""
    if now >= message.expires_at:
        move(message, _S.EXPIRED, cause=f"{cause}, and no longer of use", now=now)
        message.blocked_reason = BlockedReason.EXPIRED
        note("message.expired", message, now=now, actor=actor, reason=BlockedReason.EXPIRED)
    else:
        move(message, _S.PLANNED, cause=cause, now=now)
        message.send_at = now
        note("message.retried", message, now=now, actor=actor, error_code=message.error_code)
    free(message)


def went_after_all(message: Message, *, now: datetime, actor: Actor) -> None:
    """Note a person's word that a held ``unknown`` message went; no more news of it is to be had."""
    free(message)
    apply_news(message, _S.SENT, cause=f"{actor.name} decided that it went", error_code=None, now=now)
    message.delivery_unknown_at = now


def leave_to_person(message: Message, candidates: list[dict[str, Any]], *, now: datetime) -> None:
    """Stop asking about a held ``unknown`` message; what the provider showed is kept beside it."""
    message.settle_at = None
    message.needs_person_at = now
    message.candidates = candidates
    note("message.needs_person", message, now=now, candidates=len(candidates))


def no_news_yet(message_id: int, *, now: datetime) -> bool:
    """Note that the provider has nothing new to say; True when that has gone on for 72 hours."""
    with transaction():
        message = locked(Message, message_id)
        if message.state not in (_S.ACCEPTED, _S.SENT) or message.settle_at is None:
            return False
        if now < (message.handed_over_at or now) + NEWS_WITHIN:
            message.settle_at = now + POLL_EVERY
            return False
        message.settle_at, message.delivery_unknown_at = None, now
        for attempt in queries.attempts_of(message.id):
            give_up_words(attempt, now=now)
        note("message.delivery_unknown", message, now=now)
        return True
