"""What comes back: delivery news, replies, and numbers that nothing may go to any more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from programme_tracker.audit.services import record
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import seal
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.messaging import queries
from programme_tracker.messaging.models import InboundMessage, Message, MessageAttempt, SuppressedNumber
from programme_tracker.messaging.replies import Reply
from programme_tracker.messaging.rules import MessageState, SuppressionReason, state_of_status
from programme_tracker.messaging.services.attempts import keep_attempt
from programme_tracker.messaging.services.changes import apply_news, poll_if_kept

_S = MessageState

#: States in which a report under an id we have never seen is of the attempt whose answer we lack.
_WAITS_FOR_NEWS = frozenset({_S.PLANNED, _S.CLAIMED, _S.SENDING, _S.UNKNOWN, _S.EXPIRED})


@dataclass(frozen=True)
class Inbound:
    """A recorded inbound text, and whether this was the first time it came."""

    message: InboundMessage
    is_new: bool


def record_delivery(
    status: str,
    *,
    now: datetime,
    message_id: int | None = None,
    sid: str | None = None,
    error_code: str | None = None,
    is_kept: bool = False,
) -> Message | None:
    """Take a provider's report on a message, found by our own id or by the provider's.

    Returns the message if it moved, None if this was no news: repeated, overtaken, about a message
    or in a word we do not know. Of an earlier attempt than the present one only its arrival counts.
    ``is_kept`` says that the provider can be asked about one that was not known before.
    """
    news = state_of_status(status)
    if news is None:
        return None
    with transaction():
        message = _reported(message_id, sid)
        if message is None:
            return None
        kept = _keep(message, sid, news, error_code, is_kept, now)
        if kept is None or (not kept.is_present and news is not MessageState.DELIVERED):
            return None
        moved = apply_news(message, news, cause=f"reported {status}", error_code=error_code, now=now)
        poll_if_kept(message, kept.can_be_asked, now)
    return message if moved else None


@dataclass(frozen=True)
class _Kept:
    """Whether a report speaks of the present attempt, and whether one can ask about that."""

    is_present: bool
    can_be_asked: bool


def _keep(
    message: Message,
    sid: str | None,
    news: MessageState,
    code: str | None,
    is_kept: bool,
    now: datetime,
) -> _Kept | None:
    """Note what was reported of one attempt; None when the id is another message's."""
    if not sid:
        return _Kept(is_present=True, can_be_asked=message.settle_at is not None)
    is_new = not _is_known(sid)
    if is_new and message.provider_sid is None and message.state in _WAITS_FOR_NEWS:
        message.provider_sid = sid
    attempt = keep_attempt(message, sid, news, is_kept=is_kept and is_new, now=now, code=code)
    if attempt is None:
        return None
    return _Kept(is_present=message.provider_sid == sid, can_be_asked=attempt.is_kept)


def _is_known(sid: str) -> bool:
    found = select(MessageAttempt.id).where(MessageAttempt.provider_sid == sid)
    return db.session.scalar(found) is not None


def _reported(message_id: int | None, sid: str | None) -> Message | None:
    if message_id is None and sid:
        message_id = db.session.scalar(
            select(MessageAttempt.message_id).where(MessageAttempt.provider_sid == sid)
        )
    if message_id is None:
        return None
    try:
        return locked(Message, message_id)
    except LookupError:
        return None


def record_inbound(
    *,
    from_address: str,
    body: str,
    received_at: datetime,
    reply: Reply,
    now: datetime,
    provider_sid: str | None = None,
    participant_id: int | None = None,
    is_quarantined: bool = False,
    media_count: int = 0,
    actor: Actor = SYSTEM,
) -> Inbound:
    """Record a text that came in, once per ``provider_sid``.

    It waits for somebody to read it until whoever acts on it says that nobody has to. A
    wrong-person reply is quarantined: what it says is sealed. ``is_quarantined`` quarantines any
    other, from a protected number, which is sealed too. The audit row does not tell what it said.
    """
    secret = is_quarantined or reply.is_wrong_person
    inbound = InboundMessage(
        from_address="" if is_quarantined else from_address,
        body="" if secret else body,
        received_at=received_at,
        provider_sid=provider_sid,
        kind=reply.kind,
        is_opt_out=reply.opts_out,
        is_quarantined=secret,
        participant_id=participant_id,
        media_count=media_count,
        waiting_since_at=received_at,
    )
    with transaction():
        known = queries.inbound_by_sid(provider_sid) or _stored(inbound)
        if known is not None:
            return Inbound(known, is_new=False)
        if secret:
            inbound.body_sealed = seal(body, "inbound_messages", inbound.id, "body")
        if is_quarantined:
            inbound.from_sealed = seal(from_address, "inbound_messages", inbound.id, "from")
        kind = "quarantined" if inbound.is_quarantined else inbound.kind
        record("message.inbound", inbound, actor=actor, at=now, kind=kind, participant_id=participant_id)
    return Inbound(inbound, is_new=True)


def _stored(inbound: InboundMessage) -> InboundMessage | None:
    """Insert; give back the row that was quicker, if there is one."""
    sid = inbound.provider_sid
    try:
        with db.session.begin_nested():
            db.session.add(inbound)
    except IntegrityError:
        known = queries.inbound_by_sid(sid)
        if known is None:
            raise
        return known
    return None


def suppress_number(
    number: str, reason: SuppressionReason, *, actor: Actor, now: datetime
) -> SuppressedNumber:
    """Let nothing go to a number (E.164) until a person lifts it.

    A number already suppressed stays so, since then; "wrong person" outweighs "undeliverable".
    """
    with transaction():
        known = queries.suppression(number, for_update=True)
        if known is not None and (known.reason is reason or known.reason is SuppressionReason.WRONG_PERSON):
            return known
        if known is None:
            known = _suppressed(number, reason, now)
        known.reason = reason
        record("number.suppressed", known, actor=actor, at=now, reason=reason)
    return known


def _suppressed(number: str, reason: SuppressionReason, now: datetime) -> SuppressedNumber:
    row = SuppressedNumber(number=number, reason=reason, since_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        known = queries.suppression(number, for_update=True)
        if known is None:
            raise
        return known
    return row


def forget_numbers(numbers: Collection[str]) -> None:
    """Keep only digests of suppressed numbers (E.164) that are nobody's any more.

    Whoever has such a number now, and may be the one whom a text would hurt, stays protected. What
    was lifted is forgotten.
    """
    with transaction():
        rows = db.session.scalars(select(SuppressedNumber).where(SuppressedNumber.number.in_(numbers)))
        for row in rows.all():
            if row.lifted_at is not None:
                db.session.delete(row)
            else:
                row.number = queries.digest_of(row.number)
        db.session.flush()


def lift_suppression(number: str, *, actor: Actor, now: datetime, because: str | None = None) -> bool:
    """Let texts go to a number again, saying why; False when nothing held them back."""
    with transaction():
        known = queries.suppression(number, for_update=True)
        if known is None:
            return False
        known.lifted_at = now
        known.lifted_by, known.lifted_because = actor.staff_id, because
        record("number.suppression_lifted", known, actor=actor, at=now)
    return True
