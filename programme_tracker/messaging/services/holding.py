"""Holding all sending, and letting it go on."""

from datetime import datetime

from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import serialised, transaction
from programme_tracker.messaging.holds import open_holds
from programme_tracker.messaging.models import SendingHold


def hold_sending(cause: str, reason: str, *, actor: Actor, now: datetime) -> SendingHold:
    """Stop all sending until a person releases it; one hold for each cause.

    What a worker has in its hands at that moment may still go. Raises RefusedError without a
    reason.
    """
    if not reason.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why nothing is to be sent.", field="reason")
    with transaction():
        serialised("sending_holds")
        for there in open_holds():
            if there.cause == cause:
                return there
        row = SendingHold(cause=cause, reason=reason.strip(), since_at=now, placed_by=actor.staff_id)
        db.session.add(row)
        db.session.flush()
        audit.record("sending.held", row, actor=actor, at=now, cause=cause)
        return row


def release_sending(reason: str, *, actor: Actor, now: datetime) -> int:
    """Let sending go on; return how many holds that ended. Raises RefusedError without a reason."""
    if not reason.strip():
        message = "Say why it is safe to send again, for example: nothing here went out before."
        raise RefusedError(Code.NOT_ALLOWED, message, field="reason")
    with transaction():
        serialised("sending_holds")
        rows = open_holds()
        for row in rows:
            row.released_at, row.released_by, row.release_reason = now, actor.staff_id, reason.strip()
            audit.record("sending.released", row, actor=actor, at=now, cause=row.cause)
        return len(rows)
