"""Seeing that the database went back in time: then nothing is sent until a person says so.

Beside the database a small file keeps the newest entry of the audit trail that was seen. A trail
only grows, so one that is shorter, or another one, comes from a backup (promises of restore).
"""

import json
import logging
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from programme_tracker.audit.models import AuditEntry, AuditHead
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.messaging.holds import RESTORED
from programme_tracker.messaging.services import hold_sending

log = logging.getLogger(__name__)

FILE = "audit-seen.json"

WENT_BACK = (
    "The database is an earlier one than before: it looks restored from a backup. Texts and mails that"
    " it still wants to send may have gone already."
)


@dataclass(frozen=True)
class Seen:
    """The newest entry of the audit trail at some moment."""

    sequence: int
    entry_hash: str


def watch_for_restore(folder: Path, *, now: datetime) -> bool:
    """Hold sending when the database is an earlier one than the last time; True when it is.

    Then remembers what it is now, so that a person's release stands.
    """
    # The file first: what is read afterwards can only be newer, unless the database went back.
    before = _remembered(folder / FILE)
    went_back = before is not None and not _holds(before)
    if went_back:
        hold_sending(RESTORED, WENT_BACK, actor=SYSTEM, now=now)
    head = db.session.get(AuditHead, 1)
    seen = Seen(head.sequence, head.entry_hash) if head else None
    db.session.rollback()
    if seen is not None and seen != before:
        _remember(folder / FILE, seen)
    return went_back


def _holds(seen: Seen) -> bool:
    """Tell whether the trail still has this entry as it was."""
    entry = db.session.get(AuditEntry, seen.sequence)
    return entry is not None and entry.entry_hash == seen.entry_hash


def _remembered(path: Path) -> Seen | None:
    try:
        return Seen(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        log.warning("what was seen of the audit trail cannot be read", extra={"file": str(path)})
        return None


def _remember(path: Path, seen: Seen) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_text(json.dumps(asdict(seen)))
        draft.replace(path)
    except OSError:
        log.warning("what was seen of the audit trail cannot be kept", extra={"file": str(path)})
