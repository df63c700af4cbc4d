"""Claiming due messages and carrying one attempt through, fenced by the claim's token.

A worker claims a few rows, and for each: looks whether it may still go, notes ``sending`` and
commits, calls the provider with no transaction open, and notes the outcome. Whatever dies on the
way, the row says how far it came.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import is_writing, locked, transaction
from programme_tracker.messaging import queries
from programme_tracker.messaging.holds import is_held
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.outcomes import Accepted, Failed, Outcome, RetryAt, Unknown
from programme_tracker.messaging.rules import NEWS, BlockedReason, Channel, MessageState, Recipient
from programme_tracker.messaging.services.attempts import keep_attempt
from programme_tracker.messaging.services.batches import LEASE, handover_of, move_all
from programme_tracker.messaging.services.changes import apply_news, free, move, note, poll_if_kept
from programme_tracker.messaging.services.held import Claim, Handover

_S = MessageState


def claim_due(*, now: datetime, limit: int = 50, lease: timedelta = LEASE, worker: str) -> list[Claim]:
    """Take up to ``limit`` due messages for one worker until ``now + lease``, oldest first.

    Two workers never hold one row. Claims whose lease ran out are taken again; a row whose lease
    ran out while it was being sent becomes ``unknown`` and is not sent again.
    """
    if not _is_anything_due(now):
        return []
    with transaction():
        if is_held():
            return []
        give_up_lost_attempts(now=now, limit=limit)
        token = secrets.token_hex(16)
        due = and_(Message.state == _S.PLANNED, Message.send_at <= now)
        if queries.is_paused(now):
            # Only texts are: the mail that tells the manager goes.
            due = and_(due, Message.channel != Channel.SMS)
        ids = _take(due, Message.send_at, limit)
        _mark(ids, _S.PLANNED, token, now=now, until=now + lease, cause=f"claimed by {worker}")
        left = and_(Message.state == _S.CLAIMED, Message.lease_until <= now)
        again = _take(left, Message.lease_until, limit - len(ids)) if len(ids) < limit else []
        _mark(again, _S.CLAIMED, token, now=now, until=now + lease, cause=f"taken over by {worker}")
    return [Claim(message_id, token) for message_id in [*ids, *again]]


def _is_anything_due(now: datetime) -> bool:
    """Look without the write lock, and leave no read open: on SQLite it would hold up every writer."""
    if is_writing():
        return True
    try:
        return queries.is_anything_due(now)
    finally:
        db.session.rollback()


def _take(which: ColumnElement[bool], order: InstrumentedAttribute[datetime | None], limit: int) -> list[int]:
    """Lock and return the ids of up to ``limit`` rows that nobody else is holding."""
    found = select(Message.id).where(which).order_by(order, Message.id).limit(limit)
    return list(db.session.scalars(found.with_for_update(skip_locked=True)))


def _mark(
    ids: list[int], was: MessageState, token: str, *, now: datetime, until: datetime, cause: str
) -> None:
    if ids:
        values = {"state": _S.CLAIMED, "lease_until": until, "lease_token": token}
        db.session.execute(update(Message).where(Message.id.in_(ids)).values(**values))
        move_all(ids, was, _S.CLAIMED, cause, now=now)


def give_up_lost_attempts(*, now: datetime, limit: int = 50) -> int:
    """Call ``unknown`` what was being sent when its worker's lease ran out; return how many.

    The token stays: a worker that was only slow may still tell how its attempt ended.
    """
    lost = and_(Message.state == _S.SENDING, Message.lease_until <= now)
    with transaction():
        ids = _take(lost, Message.lease_until, limit)
        for message_id in ids:
            _lose(locked(Message, message_id), "the worker was lost while sending", None, now)
    return len(ids)


def _lose(message: Message, cause: str, error_code: str | None, now: datetime) -> None:
    move(message, _S.UNKNOWN, cause=cause, now=now)
    message.lease_until = None
    message.error_code = error_code
    note("message.unknown", message, now=now, cause=cause)


def _held_by(claim: Claim, *states: MessageState) -> Message | None:
    """Lock the claimed row; None if it went to somebody else, was taken back, or moved on."""
    message = locked(Message, claim.message_id)
    return message if message.lease_token == claim.token and message.state in states else None


def begin_sending(
    claim: Claim, *, to_address: str, now: datetime, lease: timedelta = LEASE
) -> Handover | None:
    """Note that the provider is about to be called and return what it gets; None if the claim is lost.

    May join the transaction in which the conditions were looked at; that one must be committed
    before the provider is called. From then on a cancellation is answered "too late".
    """
    with transaction():
        message = _held_by(claim, _S.CLAIMED)
        return None if message is None else _begin(message, to_address, now, lease)


def _begin(message: Message, to_address: str, now: datetime, lease: timedelta) -> Handover:
    move(message, _S.SENDING, cause=f"attempt {message.attempts + 1}", now=now)
    message.attempts += 1
    message.to_address = to_address
    message.attempted_at = now
    message.provider_sid = None
    message.lease_until = now + lease
    return handover_of(message, to_address, now)


def finish(claim: Claim, outcome: Outcome, *, now: datetime) -> MessageState | None:
    """Note how the attempt ended; return the message's state, None if the attempt is no longer its.

    A provider's callback may have been quicker, and a lease may have run out meanwhile: what this
    attempt knows is then added, never set back. A retry after ``expires_at`` becomes ``expired``.
    """
    with transaction():
        message = _held_by(claim, _S.SENDING, _S.UNKNOWN, *NEWS)
        if message is None:
            return None
        if isinstance(outcome, Accepted):
            _take_over(message, outcome, now)
        elif message.state not in NEWS:
            _end_attempt(message, outcome, now)
        return message.state


def _take_over(message: Message, accepted: Accepted, now: datetime) -> None:
    message.provider_sid = accepted.sid
    free(message)
    apply_news(message, accepted.state, cause="taken by the provider", error_code=None, now=now)
    keep_attempt(message, accepted.sid, accepted.state, is_kept=accepted.is_kept, now=now)
    poll_if_kept(message, accepted.is_kept, now)


def _end_attempt(message: Message, outcome: Failed | Unknown | RetryAt, now: datetime) -> None:
    if isinstance(outcome, Unknown):
        if message.state is _S.SENDING:
            _lose(message, outcome.cause, outcome.error_code, now)
        return
    message.error_code = outcome.error_code
    free(message)
    if isinstance(outcome, Failed):
        move(message, _S.FAILED, cause=outcome.cause, now=now)
        note("message.failed", message, now=now, state=_S.FAILED, error_code=outcome.error_code)
    elif outcome.at >= message.expires_at:
        _expire(message, f"{outcome.cause}, and no longer of use", now)
    else:
        plan_again(message, outcome, now=now)


def plan_again(message: Message, retry: RetryAt, *, now: datetime) -> None:
    """Give a held message that certainly did not arrive another attempt, under a new token."""
    move(message, _S.PLANNED, cause=f"{retry.cause}, to be tried again", now=now)
    free(message)
    message.send_at = retry.at
    message.provider_sid = None
    message.attempts -= not retry.spends_attempt
    note("message.retried", message, now=now, error_code=retry.error_code)


def claimed(claim: Claim) -> Message | None:
    """Lock and return what a claim holds, still unsent; None if the claim no longer holds."""
    return _held_by(claim, _S.CLAIMED)


def block(claim: Claim, reason: BlockedReason, *, now: datetime, recipient: Recipient | None = None) -> bool:
    """End a claimed message because a condition does not hold; False if the claim no longer holds.

    ``recipient`` is whom it would have gone to, if that is not whom it was planned for.
    """
    with transaction():
        message = _held_by(claim, _S.CLAIMED)
        if message is None:
            return False
        message.recipient = recipient or message.recipient
        move(message, _S.BLOCKED, cause=reason, now=now)
        message.blocked_reason = reason
        free(message)
        note("message.blocked", message, now=now, reason=reason)
    return True


def expire(claim: Claim, *, now: datetime) -> bool:
    """End a claimed message that is of no more use; False if the claim no longer holds."""
    with transaction():
        message = _held_by(claim, _S.CLAIMED)
        if message is None:
            return False
        _expire(message, "no longer of use", now)
        free(message)
    return True


def _expire(message: Message, cause: str, now: datetime) -> None:
    """End a held message that is of no more use."""
    move(message, _S.EXPIRED, cause=cause, now=now)
    message.blocked_reason = BlockedReason.EXPIRED
    note("message.expired", message, now=now, reason=BlockedReason.EXPIRED)


def put_back(claim: Claim, *, send_at: datetime, cause: str, now: datetime) -> bool:
    """Give a claimed message back unsent, to be looked at again at ``send_at``; False as above."""
    with transaction():
        message = _held_by(claim, _S.CLAIMED)
        if message is None:
            return False
        move(message, _S.PLANNED, cause=cause, now=now)
        message.send_at = send_at
        free(message)
    return True
