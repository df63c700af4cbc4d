"""The hash chain: pure functions."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True)
class ChainLink:
    """One entry of the trail as the chain sees it."""

    sequence: int
    at: datetime
    actor_id: int | None
    actor_name: str
    event: str
    subject_type: str
    subject_id: int | None
    enrolment_id: int | None
    detail: dict[str, Any]
    previous_hash: str
    entry_hash: str = ""


def link_hash(link: ChainLink) -> str:
    """Return the SHA-256 of an entry together with the hash of the one before, in hex."""
    body = {
        "sequence": link.sequence,
        "at": link.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": [link.actor_id, link.actor_name],
        "event": link.event,
        "subject": [link.subject_type, link.subject_id],
        "enrolment": link.enrolment_id,
        "detail": link.detail,
        "previous": link.previous_hash,
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def first_fault(links: Iterable[ChainLink], head: tuple[int, str]) -> str | None:
    """Say in words where the chain is broken, or None when it is whole.

    ``head`` is the number and hash that the newest entry must have, so that a cut tail shows.
    """
    sequence, previous = 0, GENESIS
    for link in links:
        if link.sequence != sequence + 1:
            return f"entry {sequence + 1} is missing: {link.sequence} follows {sequence}"
        if link.previous_hash != previous:
            return f"entry {link.sequence} does not follow from the entry before it"
        if link_hash(link) != link.entry_hash:
            return f"entry {link.sequence} was changed after it was written"
        sequence, previous = link.sequence, link.entry_hash
    if (sequence, previous) != head:
        return f"the trail ends at entry {sequence} but should end at entry {head[0]}"
    return None
