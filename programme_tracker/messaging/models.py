"""The tables of the outbox, of what came back, and of the numbers nothing may go to."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from programme_tracker.kernel.database import Model
from programme_tracker.kernel.encryption import SEALED
from programme_tracker.messaging.replies import ReplyKind
from programme_tracker.messaging.rules import (
    BlockedReason,
    Channel,
    MessageKind,
    MessageState,
    Recipient,
    SuppressionReason,
)


def _words(kind: type[StrEnum]) -> Enum:
    """Store an enumeration by its values, as plain text that any reader understands."""
    return Enum(kind, native_enum=False, length=32, values_callable=lambda words: [w.value for w in words])


class Message(Model):
    """One text or email that should leave once: a row of the outbox (product.md §5).

    ``expires_at`` is the moment from which it is of no more use. ``to_address`` is found at the
    moment of sending, never before. ``lease_token`` fences the attempt that holds the row.
    ``handed_over_at`` is when the provider took the newest copy.

    ``settle_at`` is when the provider is asked about it next: whether it has one whose answer was
    lost, or what became of one it took. ``absent_at`` is when it was first found not to be there.
    ``needs_person_at`` marks one that only a person can settle, ``candidates`` what the provider
    showed. ``delivery_unknown_at`` says since when we have given up hope of news; late news counts.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_state_send_at", "state", "send_at"),
        Index("ix_messages_state_lease_until", "state", "lease_until"),
        # What waits for one person, however many they got before.
        Index("ix_messages_staff_id_state", "staff_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[Channel] = mapped_column(_words(Channel))
    kind: Mapped[MessageKind] = mapped_column(_words(MessageKind))
    recipient: Mapped[Recipient] = mapped_column(_words(Recipient))
    participant_id: Mapped[int | None] = mapped_column(index=True)
    staff_id: Mapped[int | None]
    enrolment_id: Mapped[int | None] = mapped_column(index=True)
    session_id: Mapped[int | None] = mapped_column(index=True)
    session_version: Mapped[int | None]
    offset_days: Mapped[int | None]
    body: Mapped[str] = mapped_column(Text)
    template_version: Mapped[int]
    #: The version's row, where the wording is one of a manager's or was put in from the files.
    template_id: Mapped[int | None]
    state: Mapped[MessageState] = mapped_column(_words(MessageState))
    send_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    to_address: Mapped[str | None] = mapped_column(index=True)
    provider_sid: Mapped[str | None] = mapped_column(index=True)
    blocked_reason: Mapped[BlockedReason | None] = mapped_column(_words(BlockedReason))
    error_code: Mapped[str | None]
    #: The alert that told of this one too.
    carried_by_id: Mapped[int | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None] = mapped_column(index=True)
    delivered_at: Mapped[datetime | None]
    attempted_at: Mapped[datetime | None]
    settle_at: Mapped[datetime | None] = mapped_column(index=True)
    settle_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    absent_at: Mapped[datetime | None]
    needs_person_at: Mapped[datetime | None] = mapped_column(index=True)
    candidates: Mapped[list[Any] | None] = mapped_column(JSON)
    delivery_unknown_at: Mapped[datetime | None]


class MessageAttempt(Model):
    """One text that a provider has of ours, under its own id: a message sent again has several.

    ``state`` is the furthest that was reported of this one. ``redact_at`` is when the provider is
    to be asked to forget its words.
    """

    __tablename__ = "message_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    provider_sid: Mapped[str] = mapped_column(unique=True)
    state: Mapped[MessageState] = mapped_column(_words(MessageState))
    error_code: Mapped[str | None]
    known_at: Mapped[datetime]
    is_kept: Mapped[bool] = mapped_column(default=False)
    redact_at: Mapped[datetime | None] = mapped_column(index=True)
    redact_tries: Mapped[int] = mapped_column(default=0)
    redacted_at: Mapped[datetime | None]


class SignalRule(Model):
    """The class that somebody gave to one of the provider's signals, instead of the one delivered."""

    __tablename__ = "signal_rules"

    signal: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None]


class SendingControl(Model):
    """How all workers together send: the one row that they share.

    ``free_at`` is the moment up to which the rate is used up, by the clock of the machines.
    """

    __tablename__ = "sending_control"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    per_second: Mapped[int]
    free_at: Mapped[datetime]
    paused_until: Mapped[datetime | None]
    pause_reason: Mapped[str | None]


class MessageChange(Model):
    """One change of a message's state: when, and why. Rows are only ever added."""

    __tablename__ = "message_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    from_state: Mapped[MessageState | None] = mapped_column(_words(MessageState))
    to_state: Mapped[MessageState] = mapped_column(_words(MessageState))
    at: Mapped[datetime]
    cause: Mapped[str]


class InboundMessage(Model):
    """One text that came in. A quarantined one is for victim safety's eyes alone.

    ``kind`` is the gravest thing it says; ``is_opt_out`` is kept beside it because a text can
    both stop everything and come from the wrong person.
    """

    __tablename__ = "inbound_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Empty when it came from a protected number; then the number is sealed beside it.
    from_address: Mapped[str] = mapped_column(index=True)
    from_sealed: Mapped[str | None] = mapped_column(info=SEALED)
    #: Empty when quarantined; then what it says is sealed beside it.
    body: Mapped[str] = mapped_column(Text)
    body_sealed: Mapped[str | None] = mapped_column(Text, info=SEALED)
    received_at: Mapped[datetime] = mapped_column(index=True)
    provider_sid: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[ReplyKind] = mapped_column(_words(ReplyKind))
    is_opt_out: Mapped[bool] = mapped_column(default=False)
    is_quarantined: Mapped[bool] = mapped_column(default=False)
    participant_id: Mapped[int | None] = mapped_column(index=True)
    #: Pictures and the like that came with it; they are not fetched and not kept.
    media_count: Mapped[int] = mapped_column(default=0)
    #: Since when it waits for a person to read it; empty when nobody has to, or somebody has.
    waiting_since_at: Mapped[datetime | None] = mapped_column(index=True)
    dealt_with_at: Mapped[datetime | None]
    dealt_with_by: Mapped[int | None]


class SuppressedNumber(Model):
    """A number that nothing may be sent to until a person lifts it; at most one open row each."""

    __tablename__ = "suppressed_numbers"
    __table_args__ = (
        Index(
            "uq_suppressed_numbers_open_number",
            "number",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    reason: Mapped[SuppressionReason] = mapped_column(_words(SuppressionReason))
    since_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None]
    lifted_because: Mapped[str | None]


class EventKind(StrEnum):
    """What a provider's call tells of."""

    STATUS = "status"
    INBOUND = "inbound"


class ProviderEvent(Model):
    """One call of the provider's, kept as it came until a worker has done what it asks.

    ``key`` makes the same news one row however often it comes. ``due_at`` is empty once it was
    done, and ``fields_sealed`` then hold nothing any more: what was said stands in one place only.
    Until then nobody has looked whose number it came from, so what was said is sealed: a text from
    a partner's phone would otherwise stand here in plain words. ``queries.fields_of`` opens it.
    """

    __tablename__ = "provider_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[EventKind] = mapped_column(_words(EventKind))
    message_id: Mapped[int | None]
    fields_sealed: Mapped[str | None] = mapped_column(Text, info=SEALED)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    done_at: Mapped[datetime | None]


class WrongPersonPhrase(Model):
    """A manager's word on one wrong-person phrase: added to those that come with the product, or taken off.

    ``words`` is the phrase as it is compared: lower case, no apostrophes, single spaces.
    """

    __tablename__ = "wrong_person_phrases"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(unique=True)
    phrase: Mapped[str]
    is_listed: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None]


class SendingHold(Model):
    """A stop to all sending, until a person releases it. Rows are only added and released.

    ``cause`` is ``restored`` when the database was found to be an earlier one, else ``person``.
    """

    __tablename__ = "sending_holds"
    __table_args__ = (
        Index(
            "uq_sending_holds_open_cause",
            "cause",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    since_at: Mapped[datetime]
    placed_by: Mapped[int | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[int | None]
    release_reason: Mapped[str | None] = mapped_column(Text)
