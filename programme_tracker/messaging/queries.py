"""Reads of the outbox and of what came back."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, func, or_, select

from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import field_keys, unseal
from programme_tracker.messaging.models import (
    InboundMessage,
    Message,
    MessageAttempt,
    MessageChange,
    ProviderEvent,
    SendingControl,
    SignalRule,
    SuppressedNumber,
    WrongPersonPhrase,
)
from programme_tracker.messaging.providers.signals import KINDS, SignalKind
from programme_tracker.messaging.replies import DEFAULT_WRONG_PERSON_PHRASES
from programme_tracker.messaging.rules import Channel, MessageKind, MessageState
from programme_tracker.messaging.texts import plain_words

_S = MessageState

#: What a number begins with that is kept as a digest alone.
DIGEST = "digest:"

#: States of messages that are not settled: the only ones that a healthy outbox holds few of.
OPEN_STATES = (_S.PLANNED, _S.CLAIMED, _S.SENDING, _S.UNKNOWN)


@dataclass(frozen=True)
class ThreadLine:
    """One text of a conversation, ours or theirs. A quarantined one shows no words."""

    at: datetime
    is_inbound: bool
    body: str
    state: MessageState | None = None
    message_id: int | None = None
    is_quarantined: bool = False


@dataclass
class Phone:
    """One number and its texts, oldest first."""

    number: str
    lines: list[ThreadLine] = field(default_factory=list)


def _due(now: datetime) -> list[ColumnElement[bool]]:
    """Return what makes a message due, one condition per index range."""
    return [
        and_(Message.state == _S.PLANNED, Message.send_at <= now),
        and_(Message.state == _S.CLAIMED, Message.lease_until <= now),
        and_(Message.state == _S.SENDING, Message.lease_until <= now),
    ]


def is_anything_due(now: datetime) -> bool:
    """Tell whether a worker would find something to do."""
    return any(db.session.scalar(select(Message.id).where(due).limit(1)) is not None for due in _due(now))


def due_messages_at(now: datetime, limit: int = 100) -> list[Message]:
    """Return messages that are to go or whose lease ran out, oldest ``send_at`` first."""
    found = select(Message).where(or_(*_due(now))).order_by(Message.send_at, Message.id)
    return list(db.session.scalars(found.limit(limit)))


def next_due_at() -> datetime | None:
    """Return the next moment when a worker will find something to do, or None."""
    firsts = (
        select(func.min(Message.send_at)).where(Message.state == _S.PLANNED),
        select(func.min(Message.lease_until)).where(Message.state == _S.CLAIMED),
        select(func.min(Message.lease_until)).where(Message.state == _S.SENDING),
        select(func.min(Message.settle_at)),
        select(func.min(MessageAttempt.redact_at)),
        select(SendingControl.paused_until).limit(1),
    )
    *sending, settling, redacting, held_until = db.session.execute(
        select(*(found.scalar_subquery() for found in firsts))
    ).one()
    first = min((moment for moment in sending if moment is not None), default=None)
    if first is not None and held_until is not None:
        first = max(first, held_until)
    return min((moment for moment in (first, settling, redacting) if moment is not None), default=None)


def sending_control() -> SendingControl | None:
    """Return how sending is set for all workers; None until somebody or something set it."""
    return db.session.get(SendingControl, 1)


def pause_until() -> datetime | None:
    """Return the moment until which nothing is sent, which may be past; None when sending goes on."""
    return db.session.scalar(select(SendingControl.paused_until))


def is_paused(now: datetime) -> bool:
    """Tell whether all sending is paused at ``now``."""
    until = pause_until()
    return until is not None and until > now


def signal_table() -> Mapping[str, SignalKind]:
    """Return the class of every signal as it stands now: as delivered, with what was changed."""
    rows = db.session.execute(select(SignalRule.signal, SignalRule.kind))
    return {**KINDS, **{signal: SignalKind(kind) for signal, kind in rows}}


def settling_due(now: datetime, limit: int) -> list[int]:
    """Return the ids of messages about which the provider is to be asked, longest due first."""
    found = select(Message.id).where(Message.settle_at <= now).order_by(Message.settle_at)
    return list(db.session.scalars(found.limit(limit)))


def redacting_due(now: datetime, limit: int) -> list[tuple[int, str]]:
    """Return the texts whose words the provider is to forget: ids of attempts, and the provider's."""
    found = select(MessageAttempt.id, MessageAttempt.provider_sid).where(MessageAttempt.redact_at <= now)
    rows = db.session.execute(found.order_by(MessageAttempt.redact_at).limit(limit))
    return [(attempt_id, sid) for attempt_id, sid in rows]


def attempts_of(message_id: int) -> list[MessageAttempt]:
    """Return what the provider had of a message, the first attempt first."""
    found = select(MessageAttempt).where(MessageAttempt.message_id == message_id)
    return list(db.session.scalars(found.order_by(MessageAttempt.id)))


def known_sids(sids: Collection[str]) -> set[str]:
    """Return those of a provider's ids that are some message's of ours already."""
    found = select(MessageAttempt.provider_sid).where(MessageAttempt.provider_sid.in_(sids))
    return set(db.session.scalars(found))


def twins(message: Message, *states: MessageState) -> int:
    """Count the other messages in ``states`` that say the same to the same number."""
    found = select(func.count()).where(
        Message.id != message.id,
        Message.to_address == message.to_address,
        Message.body == message.body,
        Message.state.in_(states),
    )
    return db.session.scalar(found) or 0


def held_for_person(limit: int = 100) -> list[Message]:
    """Return the messages that only a person can settle, longest waiting first."""
    found = select(Message).where(Message.needs_person_at.is_not(None)).order_by(Message.needs_person_at)
    return list(db.session.scalars(found.limit(limit)))


def message(message_id: int) -> Message | None:
    """Return one message."""
    return db.session.get(Message, message_id)


def message_by_key(key: str) -> Message | None:
    """Return the message planned under ``key``."""
    return db.session.scalar(select(Message).where(Message.key == key))


def messages_for_session(session_id: int, enrolment_id: int | None = None) -> list[Message]:
    """Return the messages about a session, in the order in which they were to go."""
    found = select(Message).where(Message.session_id == session_id)
    if enrolment_id is not None:
        found = found.where(Message.enrolment_id == enrolment_id)
    return list(db.session.scalars(found.order_by(Message.send_at, Message.id)))


def reminders_before(enrolment_id: int, session_id: int) -> list[Message]:
    """Return one enrolment's reminders of a session, whatever became of them (product.md §8)."""
    rows = messages_for_session(session_id, enrolment_id)
    return [row for row in rows if row.kind is MessageKind.REMINDER]


def changes_of(message_id: int) -> list[MessageChange]:
    """Return a message's life, oldest change first."""
    found = select(MessageChange).where(MessageChange.message_id == message_id)
    return list(db.session.scalars(found.order_by(MessageChange.id)))


def last_sms_to(participant_id: int) -> Message | None:
    """Return the last text handed over for a participant, to themselves or their guardian."""
    found = (
        select(Message)
        .where(
            Message.participant_id == participant_id,
            Message.channel == Channel.SMS,
            Message.handed_over_at.is_not(None),
        )
        .order_by(Message.handed_over_at.desc(), Message.id.desc())
    )
    return db.session.scalar(found.limit(1))


def counts(states: Collection[MessageState] = OPEN_STATES) -> dict[MessageState, int]:
    """Count the messages in each of ``states``."""
    found = select(Message.state, func.count()).where(Message.state.in_(states)).group_by(Message.state)
    return dict.fromkeys(states, 0) | {state: count for state, count in db.session.execute(found)}


def oldest_due_at(now: datetime) -> datetime | None:
    """Return the ``send_at`` of the message that has waited longest, or None when none waits."""
    found = select(func.min(Message.send_at)).where(Message.state == _S.PLANNED, Message.send_at <= now)
    return db.session.scalar(found)


def messages_in(*states: MessageState, limit: int = 100) -> list[Message]:
    """Return messages in any of ``states``, newest first: for worklists."""
    found = select(Message).where(Message.state.in_(states)).order_by(Message.id.desc())
    return list(db.session.scalars(found.limit(limit)))


def inbound_by_sid(provider_sid: str | None) -> InboundMessage | None:
    """Return the inbound text a provider knows by this id."""
    if provider_sid is None:
        return None
    return db.session.scalar(select(InboundMessage).where(InboundMessage.provider_sid == provider_sid))


def digest_of(number: str) -> str:
    """Return what stands for a suppressed number (E.164) once whoever had it was erased."""
    return f"{DIGEST}{field_keys().index(number)}"


def suppressed(numbers: Collection[str]) -> set[str]:
    """Return those of these numbers (E.164) that nothing may go to."""
    kept_as = {number: number for number in numbers} | {digest_of(number): number for number in numbers}
    found = select(SuppressedNumber.number).where(
        SuppressedNumber.number.in_(kept_as), SuppressedNumber.lifted_at.is_(None)
    )
    return {kept_as[number] for number in db.session.scalars(found)}


def suppression(number: str, *, for_update: bool = False) -> SuppressedNumber | None:
    """Return the open suppression of a number (E.164)."""
    found = select(SuppressedNumber).where(
        SuppressedNumber.number.in_([number, digest_of(number)]), SuppressedNumber.lifted_at.is_(None)
    )
    return db.session.scalar(found.with_for_update() if for_update else found)


def is_suppressed(number: str) -> bool:
    """Tell whether nothing may go to a number (E.164)."""
    return suppression(number) is not None


def thread_for(
    *, number: str | None = None, participant_id: int | None = None, limit: int = 100
) -> list[ThreadLine]:
    """Return the latest texts to and from a number or a participant, oldest first.

    Raises ValueError when neither or both are given.
    """
    if (number is None) == (participant_id is None):
        raise ValueError("thread_for takes a number or a participant")
    if number is not None:
        ours, theirs = Message.to_address == number, InboundMessage.from_address == number
    else:
        ours = Message.participant_id == participant_id
        theirs = InboundMessage.participant_id == participant_id
    lines = [line for _, line in _lines(ours, theirs, limit)]
    return lines[-limit:]


def said_in_quarantine(row: InboundMessage) -> tuple[str, str]:
    """Return the number and the words of a quarantined text: for victim safety, who note that they look."""

    def opened(sealed: str | None, plain: str, column: str) -> str:
        return unseal(sealed, "inbound_messages", row.id, column) if sealed else plain

    return opened(row.from_sealed, row.from_address, "from"), opened(row.body_sealed, row.body, "body")


def fields_of(event: ProviderEvent) -> dict[str, str]:
    """Return what a call of the provider's said; nothing once it was done."""
    if event.fields_sealed is None:
        return {}
    opened = unseal(event.fields_sealed, "provider_events", event.id, "fields")
    return cast(dict[str, str], json.loads(opened))


def recent_for_phone_page(limit: int = 200) -> list[Phone]:
    """Return the latest texts to and from every number, the number with the newest text first."""
    everything = Message.id.is_not(None), InboundMessage.id.is_not(None)
    phones: dict[str, Phone] = {}
    for number, line in _lines(*everything, limit)[-limit:]:
        if not number:
            continue  # from a protected number: not even a demonstration shows it
        phones.setdefault(number, Phone(number)).lines.append(line)
    return sorted(phones.values(), key=lambda phone: phone.lines[-1].at, reverse=True)


def _lines(
    ours: ColumnElement[bool], theirs: ColumnElement[bool], limit: int
) -> list[tuple[str, ThreadLine]]:
    sent = (
        select(Message)
        .where(ours, Message.channel == Channel.SMS, Message.handed_over_at.is_not(None))
        .order_by(Message.handed_over_at.desc(), Message.id.desc())
    )
    came = (
        select(InboundMessage)
        .where(theirs)
        .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
    )
    outbound = [_outbound_line(row) for row in db.session.scalars(sent.limit(limit))]
    inbound = [_inbound_line(row) for row in db.session.scalars(came.limit(limit))]
    # Reversed first: what happened at one moment keeps the order in which it came about.
    return sorted([*reversed(outbound), *reversed(inbound)], key=lambda pair: pair[1].at)


def _outbound_line(row: Message) -> tuple[str, ThreadLine]:
    assert row.handed_over_at is not None
    line = ThreadLine(row.handed_over_at, False, row.body, row.state, row.id)
    return row.to_address or "", line


def _inbound_line(row: InboundMessage) -> tuple[str, ThreadLine]:
    body = "" if row.is_quarantined else row.body
    line = ThreadLine(row.received_at, True, body, is_quarantined=row.is_quarantined)
    return row.from_address, line


def phrases_in_force() -> list[str]:
    """Return the wrong-person phrases: those that come with the product, as the manager changed them."""
    rows = db.session.scalars(select(WrongPersonPhrase).order_by(WrongPersonPhrase.phrase)).all()
    changed = {row.words for row in rows}
    kept = [one for one in DEFAULT_WRONG_PERSON_PHRASES if " ".join(plain_words(one)) not in changed]
    return kept + [row.phrase for row in rows if row.is_listed]
