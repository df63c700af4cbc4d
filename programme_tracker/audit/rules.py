"""The hash chain: pure functions."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64

_IN_ONE_WAY = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


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
    return hashlib.sha256(_IN_ONE_WAY.encode(body).encode()).hexdigest()


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


class AnchorError(ValueError):
    """A line of the anchor is not one that this installation wrote."""


@dataclass(frozen=True)
class Anchor:
    """The trail's head at an instant, as it is kept outside the database."""

    sequence: int
    entry_hash: str
    at: datetime


def anchor_line(anchor: Anchor, key: bytes) -> str:
    """Return an anchor as one line of JSON with its HMAC-SHA-256."""
    body = {
        "sequence": anchor.sequence,
        "hash": anchor.entry_hash,
        "at": anchor.at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps({**body, "mac": _mac(body, key)}, separators=(",", ":"))


def anchor_of(line: str, key: bytes) -> Anchor:
    """Read an anchor back; raise AnchorError unless it is just as it was written."""
    try:
        body = dict(json.loads(line))
        mac = str(body.pop("mac"))
        anchor = Anchor(int(body["sequence"]), str(body["hash"]), datetime.fromisoformat(str(body["at"])))
    except (ValueError, KeyError, TypeError):
        raise AnchorError("cannot be read") from None
    if not hmac.compare_digest(mac.encode(), _mac(body, key).encode()):
        raise AnchorError("was not written by this installation, or was changed")
    return anchor


def _mac(body: dict[str, Any], key: bytes) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
