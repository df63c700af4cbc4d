"""Asking the provider: about texts nobody knows of, and to forget the words of those that are done."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from programme_tracker.jobs.failures import clear_failure, note_failure, waiting_failures
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import Provider
from programme_tracker.messaging.queries import redacting_due, settling_due
from programme_tracker.messaging.services import ask_later, redact_later
from programme_tracker.workflows.settling import redact, settle

log = logging.getLogger(__name__)

SETTLE, REDACT = "settle", "redact"


def ask_due(provider: Provider, *, now: datetime, limit: int) -> int:
    """Ask all that is due to be asked at ``now``; return how much that was."""
    done = 0
    settling, redacting = settling_due(now, limit), redacting_due(now, limit)
    db.session.rollback()
    for message_id in settling:
        done += _perform(SETTLE, message_id, partial(settle, message_id, provider, now=now), now)
    for attempt_id, sid in redacting:
        done += _perform(REDACT, attempt_id, partial(redact, attempt_id, sid, provider, now=now), now)
    return done


def _perform(kind: str, key: int, ask: Callable[[], object], now: datetime) -> int:
    """Ask about one; what fails for our own fault is asked later and holds up nothing else."""
    try:
        ask()
        if key in waiting_failures(kind, now):
            clear_failure(kind, key)
        return 1
    except Exception as error:
        log.exception("due work failed", extra={"kind": kind, "item": key})
        note_failure(kind, key, error, now=now)
        (ask_later if kind == SETTLE else redact_later)(key, now=now)
        return 0
    finally:
        db.session.rollback()
