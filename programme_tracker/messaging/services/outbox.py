"""Planning messages and taking them back."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.messaging.models import Message, MessageChange
from programme_tracker.messaging.rules import NOT_YET_GONE, Channel, MessageKind, MessageState, Recipient
from programme_tracker.messaging.services.changes import free, move, note

#: Ends of a message that was never given to a provider, or was certainly not taken by it.
_ENDED_UNSENT = frozenset({MessageState.CANCELLED, MessageState.BLOCKED})


def put(
    *,
    key: str,
    kind: MessageKind,
    recipient: Recipient,
    body: str,
    template_version: int,
    template_id: int | None = None,
    send_at: datetime,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
    channel: Channel = Channel.SMS,
    participant_id: int | None = None,
    staff_id: int | None = None,
    enrolment_id: int | None = None,
    session_id: int | None = None,
    session_version: int | None = None,
    offset_days: int | None = None,
) -> Message:
    """Plan a message, once per ``key``, in the transaction of its cause.

    A key that is there already gives back its row as it stands, with one exception: a cancelled
    row, which has never gone, is planned anew with what is given here (a booking that was taken
    back and made again). A message that was sent, blocked or expired is never planned again.
    """
    content = {
        "channel": channel,
        "kind": kind,
        "recipient": recipient,
        "participant_id": participant_id,
        "staff_id": staff_id,
        "enrolment_id": enrolment_id,
        "session_id": session_id,
        "session_version": session_version,
        "offset_days": offset_days,
        "body": body,
        "template_version": template_version,
        "template_id": template_id,
        "send_at": send_at,
        "expires_at": expires_at,
    }
    with transaction():
        message = _inserted(key, content, actor=actor, now=now)
        if message.state is MessageState.CANCELLED:
            _plan_anew(message, content, actor=actor, now=now)
    return message


def _held(key: str) -> Message | None:
    return db.session.scalar(select(Message).where(Message.key == key).with_for_update())


def _inserted(key: str, content: dict[str, Any], *, actor: Actor, now: datetime) -> Message:
    insert = sqlite_insert if db.session.get_bind().dialect.name == "sqlite" else postgresql_insert
    row = {"key": key, "state": MessageState.PLANNED, "attempts": 0, "created_at": now, **content}
    planned = insert(Message).values(row).on_conflict_do_nothing(index_elements=[Message.key])
    message: Message | None = db.session.scalar(planned.returning(Message))
    if message is None:
        # It is planned already, perhaps by another transaction that has just committed.
        there = _held(key)
        if there is None:
            raise LookupError(f"{key} was planned and is gone")
        return there
    db.session.add(
        MessageChange(message_id=message.id, from_state=None, to_state=message.state, at=now, cause="planned")
    )
    note("message.planned", message, actor=actor, now=now)
    return message


def _plan_anew(message: Message, content: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    for name, value in content.items():
        setattr(message, name, value)
    move(message, MessageState.PLANNED, cause="planned again", now=now)
    note("message.planned", message, actor=actor, now=now)


def cancel(message: Message, *, cause: str, actor: Actor, now: datetime) -> bool:
    """Take a message back: True "cancelled: it has not gone and will not", False "too late".

    False also where the outcome of an attempt is unknown. Once True was committed nothing sends it.
    """
    with transaction():
        message = locked(Message, message.id)
        if message.state in NOT_YET_GONE:
            _cancel(message, cause=cause, actor=actor, now=now)
        return message.state in _ENDED_UNSENT or (
            message.state is MessageState.EXPIRED and message.attempts == 0
        )


def cancel_planned(
    *,
    cause: str,
    actor: Actor,
    now: datetime,
    enrolment_id: int | None = None,
    session_id: int | None = None,
    participant_id: int | None = None,
    kinds: Collection[MessageKind] | None = None,
    keys: Collection[str] | None = None,
) -> int:
    """Take back every message that fits all that is given and has not gone; return how many.

    Raises ValueError when neither an enrolment, a session, a participant nor keys are given.
    """
    if enrolment_id is None and session_id is None and participant_id is None and keys is None:
        raise ValueError("cancel_planned must be told whose messages")
    found = select(Message).where(Message.state.in_(NOT_YET_GONE))
    for column, value in (
        (Message.enrolment_id, enrolment_id),
        (Message.session_id, session_id),
        (Message.participant_id, participant_id),
    ):
        if value is not None:
            found = found.where(column == value)
    if kinds is not None:
        found = found.where(Message.kind.in_(kinds))
    if keys is not None:
        found = found.where(Message.key.in_(keys))
    # In order of id, so that two of these at once cannot wait for each other in a ring.
    found = found.order_by(Message.id).with_for_update().execution_options(populate_existing=True)
    with transaction():
        messages = db.session.scalars(found).all()
        for message in messages:
            _cancel(message, cause=cause, actor=actor, now=now)
    return len(messages)


def _cancel(message: Message, *, cause: str, actor: Actor, now: datetime) -> None:
    move(message, MessageState.CANCELLED, cause=cause, now=now)
    free(message)
    note("message.cancelled", message, actor=actor, now=now, cause=cause)
