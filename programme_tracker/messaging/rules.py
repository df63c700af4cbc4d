"""What a message is and how its life may run: pure functions."""

from datetime import datetime, time, timedelta
from enum import StrEnum

from programme_tracker.kernel.working_time import at_local, local_date, to_local


class Channel(StrEnum):
    """How a message travels."""

    SMS = "sms"
    EMAIL = "email"


class MessageKind(StrEnum):
    """What a message is for (product.md §5, §8)."""

    BOOKED = "booked"
    REMINDER = "reminder"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    ANSWER = "answer"
    ALERT = "alert"


class Recipient(StrEnum):
    """Whom a message is for."""

    PARTICIPANT = "participant"
    GUARDIAN = "guardian"
    STAFF = "staff"


class MessageState(StrEnum):
    """Where a message is in its life."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


class BlockedReason(StrEnum):
    """Why a message did not go (product.md §5)."""

    GATE = "gate"
    SUSPENDED = "suspended"
    SESSION_CHANGED = "session_changed"
    OUTCOME_RECORDED = "outcome_recorded"
    NUMBER_INVALID = "number_invalid"
    NUMBER_SHARED = "number_shared"
    NUMBER_UNUSABLE = "number_unusable"
    OPTED_OUT = "opted_out"
    RECONSENT = "reconsent"
    EXPIRED = "expired"
    IN_CUSTODY = "in_custody"
    #: Of alerts to staff alone.
    ALREADY_READ = "already_read"
    NO_ADDRESS = "no_address"
    ACCOUNT_DISABLED = "account_disabled"


class SuppressionReason(StrEnum):
    """Why nothing goes to a number."""

    WRONG_PERSON = "wrong_person"
    UNDELIVERABLE = "undeliverable"


_S = MessageState

#: What only the provider can tell us, from least to most final. A message that has once been
#: reported delivered did arrive, whatever other news is still on its way.
NEWS: tuple[MessageState, ...] = (_S.ACCEPTED, _S.SENT, _S.FAILED, _S.UNDELIVERED, _S.DELIVERED)

#: States in which nothing has been given to a provider under the present attempt.
NOT_YET_GONE = frozenset({_S.PLANNED, _S.CLAIMED})

#: The life cycle: from each state the states that may follow.
#:
#: ``claimed`` follows itself when a lease ran out and another worker takes the row;
#: ``planned`` follows ``sending`` when the provider certainly did not process it, ``unknown``
#: when asking the provider showed that it never arrived, and ``cancelled`` when the same cause
#: comes about again, ``failed`` and ``undelivered`` when the fault passes and there is time for
#: another attempt. News moves a row out of ``planned`` and ``expired`` too: an attempt may have
#: been held lost although the provider has it, and then it must not be sent again.
FOLLOWS: dict[MessageState, frozenset[MessageState]] = {
    _S.PLANNED: frozenset({_S.CLAIMED, _S.CANCELLED, *NEWS}),
    _S.CLAIMED: frozenset({_S.CLAIMED, _S.PLANNED, _S.SENDING, _S.BLOCKED, _S.CANCELLED, _S.EXPIRED, *NEWS}),
    _S.SENDING: frozenset({_S.PLANNED, _S.EXPIRED, _S.UNKNOWN, *NEWS}),
    _S.UNKNOWN: frozenset({_S.PLANNED, _S.EXPIRED, *NEWS}),
    _S.ACCEPTED: frozenset({_S.SENT, _S.FAILED, _S.UNDELIVERED, _S.DELIVERED, _S.UNKNOWN}),
    _S.SENT: frozenset({_S.FAILED, _S.UNDELIVERED, _S.DELIVERED, _S.UNKNOWN}),
    _S.FAILED: frozenset({_S.UNDELIVERED, _S.DELIVERED, _S.PLANNED}),
    _S.UNDELIVERED: frozenset({_S.DELIVERED, _S.PLANNED}),
    _S.DELIVERED: frozenset(),
    _S.BLOCKED: frozenset(),
    _S.EXPIRED: frozenset(NEWS),
    _S.CANCELLED: frozenset({_S.PLANNED}),
}


def may_follow(current: MessageState, following: MessageState) -> bool:
    """Tell whether a message may go from ``current`` to ``following``."""
    return following in FOLLOWS[current]


def next_state(current: MessageState, news: MessageState) -> MessageState:
    """Return a message's state after the provider's ``news``, which may be late or repeated.

    News never moves a message back, and the state after a set of news is the same in whatever
    order it came. Raises ValueError for a state no provider reports.
    """
    if news not in NEWS:
        raise ValueError(f"no provider reports {news}")
    return news if may_follow(current, news) else current


#: Twilio's word for a text's progress → our state (sms.md).
DELIVERY_STATUSES: dict[str, MessageState] = {
    "accepted": _S.ACCEPTED,
    "scheduled": _S.ACCEPTED,
    "queued": _S.ACCEPTED,
    "sending": _S.ACCEPTED,
    "sent": _S.SENT,
    "delivered": _S.DELIVERED,
    "read": _S.DELIVERED,
    "undelivered": _S.UNDELIVERED,
    "failed": _S.FAILED,
    "canceled": _S.FAILED,
}


def state_of_status(status: str) -> MessageState | None:
    """Return the state a provider's delivery status stands for; None for a word we do not know."""
    return DELIVERY_STATUSES.get(status.strip().lower())


OPENS = time(9)
CLOSES = time(20)


def inside_window(moment: datetime, opens: time = OPENS, closes: time = CLOSES) -> bool:
    """Tell whether an instant lies within the London hours for texts, both ends included."""
    return opens <= to_local(moment).time() <= closes


def next_inside(moment: datetime, opens: time = OPENS, closes: time = CLOSES) -> datetime:
    """Return ``moment`` if texts may go then, else the next opening (UTC)."""
    if inside_window(moment, opens, closes):
        return moment
    day = local_date(moment)
    if to_local(moment).time() > closes:
        day += timedelta(days=1)
    return at_local(day, opens)
