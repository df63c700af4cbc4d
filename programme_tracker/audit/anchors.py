"""The trail's head, kept where whoever can change the database cannot: a file elsewhere or an address.

A hash chain shows edits, but whoever may write to the database can cut its tail off and set the
head back. What was anchored before cannot be taken back with it.
"""

import logging
import os
import urllib.request
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from programme_tracker.audit.models import AuditEntry, AuditHead
from programme_tracker.audit.rules import Anchor, AnchorError, anchor_line, anchor_of
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.kernel.settings import read_setting, write_setting
from programme_tracker.kernel.transaction import transaction

log = logging.getLogger(__name__)

#: The head is anchored when so many entries were added since, or so much time has passed.
EVERY_ENTRIES = 100
EVERY = timedelta(minutes=5)

#: Seconds that a post may take; nothing waits for it but the next one.
PATIENCE = 10

_LAST = "audit_anchored"


def anchor_when_due(now: datetime, *, at_once: bool = False) -> bool:
    """Anchor the head when it is due; return whether it was. ``at_once`` asks only for news.

    No database connection is held while it is written. A failure is logged and tried again.
    """
    place = current_settings().audit_anchor
    if not place:
        return False
    head = _head_due(now, at_once=at_once)
    if head is None:
        return False
    line = anchor_line(Anchor(*head, at=now), _key())
    try:
        _put(place, line)
    except OSError:
        log.exception("audit head not anchored")
        return False
    with transaction():
        write_setting(_LAST, f"{head[0]} {now.isoformat()}", now=now)
    return True


def _head_due(now: datetime, *, at_once: bool) -> tuple[int, str] | None:
    """Return number and hash of a head that is to be anchored now; leaves no read open."""
    head = db.session.get(AuditHead, 1, populate_existing=True)
    sequence, _, since = read_setting(_LAST, "0 ").partition(" ")
    found = (head.sequence, head.entry_hash) if head is not None else (0, "")
    db.session.rollback()
    added = found[0] - int(sequence)
    is_old = not since or datetime.fromisoformat(since) <= now - EVERY
    return found if added > 0 and (at_once or is_old or added >= EVERY_ENTRIES) else None


def _put(place: str, line: str) -> None:
    if "://" in place:
        request = urllib.request.Request(  # noqa: S310 - the setting allows https, or this machine, alone
            place, line.encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310 - as above
            return
    handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def anchored_lines(path: str) -> list[str]:
    """Return what an anchor file holds; raises OSError."""
    with open(path, encoding="utf-8") as file:
        return [line for line in file.read().splitlines() if line.strip()]


def fault_of_anchors(lines: Iterable[str]) -> str | None:
    """Say where the trail disagrees with what was anchored, or None when it holds every head."""
    anchors: list[Anchor] = []
    for number, line in enumerate(lines, start=1):
        try:
            anchors.append(anchor_of(line, _key()))
        except AnchorError as error:
            return f"line {number} of the anchor {error}"
    hashes = _hashes([anchor.sequence for anchor in anchors])
    for anchor in anchors:
        if anchor.sequence not in hashes:
            return (
                f"entry {anchor.sequence}, anchored on {anchor.at:%d %b %Y at %H:%M} UTC, is not there: "
                "the tail was cut off or an old copy was put back"
            )
        if hashes[anchor.sequence] != anchor.entry_hash:
            return f"entry {anchor.sequence} is not the one that was anchored"
    return None


def _hashes(sequences: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(sequences), 500):
        asked = sequences[start : start + 500]
        rows = db.session.execute(
            select(AuditEntry.sequence, AuditEntry.entry_hash).where(AuditEntry.sequence.in_(asked))
        )
        found.update((sequence, entry_hash) for sequence, entry_hash in rows)
    db.session.rollback()
    return found


def _key() -> bytes:
    return f"audit anchor {current_settings().secret_key}".encode()
