"""How all workers together send: pauses, the rate, and what each of the provider's signals means."""

import math
from datetime import datetime, timedelta

from programme_tracker.audit.services import record
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, serialised, transaction
from programme_tracker.messaging.models import SendingControl, SignalRule
from programme_tracker.messaging.providers.signals import KINDS, SignalKind

#: What Twilio lets a long number outside North America send in a second; it queues the rest.
DEFAULT_RATE = 10
MOST_RATE = 10_000

#: How far ahead a worker may reserve its turns: well within the lease on what it claimed.
AHEAD = timedelta(seconds=20)


def _control(now: datetime) -> SendingControl:
    try:
        return locked(SendingControl, 1)
    except LookupError:
        serialised("sending control")
    row = db.session.get(SendingControl, 1, populate_existing=True)
    if row is None:
        row = SendingControl(id=1, per_second=DEFAULT_RATE, free_at=now)
        db.session.add(row)
        db.session.flush()
    return row


def pause_sending(until: datetime, reason: str, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """Hold all texts until ``until``; a longer pause already there stays."""
    with transaction():
        control = _control(now)
        if control.paused_until is not None and control.paused_until >= until:
            return
        control.paused_until, control.pause_reason = until, reason
        record("sending.paused", control, actor=actor, at=now, until=until, reason=reason)


def resume_sending(*, actor: Actor, now: datetime) -> bool:
    """Let texts go again; False when nothing held them."""
    with transaction():
        control = _control(now)
        if control.paused_until is None or control.paused_until <= now:
            return False
        control.paused_until = control.pause_reason = None
        record("sending.resumed", control, actor=actor, at=now)
    return True


def set_sending_rate(per_second: int, *, actor: Actor, now: datetime) -> None:
    """Set how many texts all workers together hand over in a second.

    Raises RefusedError for a number outside 1 to 10,000.
    """
    if not 1 <= per_second <= MOST_RATE:
        raise RefusedError(
            Code.NOT_ALLOWED, f"Enter a whole number from 1 to {MOST_RATE:,}.", field="per_second"
        )
    with transaction():
        control = _control(now)
        was, control.per_second = control.per_second, per_second
        # What was reserved at the old rate must not hold up a quicker one.
        control.free_at = min(control.free_at, now)
        record("sending.rate_set", control, actor=actor, at=now, was=was, per_second=per_second)


def reserve_turns(wanted: int, *, now: datetime) -> list[timedelta]:
    """Take up to ``wanted`` turns at the rate that all workers share, each as a wait from ``now``.

    ``now`` is the machine's clock, not one that is moved. None are given further ahead than
    ``AHEAD``; an empty list says to come again.
    """
    with transaction():
        control = _control(now)
        # A clock that was stepped back must not leave the reserved turns standing for an hour.
        start = max(now, control.free_at) if control.free_at <= now + 2 * AHEAD else now
        room = math.floor((now + AHEAD - start).total_seconds() * control.per_second)
        count = max(0, min(wanted, room))
        control.free_at = start + timedelta(seconds=count / control.per_second)
        return [start - now + timedelta(seconds=turn / control.per_second) for turn in range(count)]


def give_turns_back(count: int) -> None:
    """Give the last ``count`` turns back that the caller's transaction reserved and has no use for."""
    if count <= 0:
        return
    with transaction():
        control = locked(SendingControl, 1)
        control.free_at -= timedelta(seconds=count / control.per_second)


def change_signal(signal: str, kind: SignalKind, *, actor: Actor, now: datetime) -> bool:
    """Give one of the provider's signals another class; False when it has that already.

    ``signal`` is a code, one of our own words, or ``*`` for all that are not in the table. Raises
    RefusedError for anything else. An answer of HTTP class 5xx stays ambiguous whatever is set.
    """
    name = signal.strip()
    if not (name == "*" or name in KINDS or (name.isdecimal() and len(name) <= 6)):
        raise RefusedError(Code.NOT_ALLOWED, "Enter a code of up to six digits.", field="signal")
    with transaction():
        serialised("signal rules")
        row = db.session.get(SignalRule, name, populate_existing=True)
        was = row.kind if row else str(KINDS.get(name, ""))
        if was == kind:
            return False
        if row is None:
            row = SignalRule(signal=name)
            db.session.add(row)
        row.kind, row.changed_at, row.changed_by = kind.value, now, actor.staff_id
        db.session.flush()
        record("signal.changed", row, actor=actor, at=now, signal=name, was=was, kind=kind.value)
    return True
