"""Writing the audit trail, in the same transaction as what it speaks of."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select

from programme_tracker.audit.models import AuditEntry, AuditHead
from programme_tracker.audit.rules import GENESIS, ChainLink, first_fault, link_hash
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import Base, db
from programme_tracker.kernel.transaction import before_commit, is_writing

_DRAFTS = "audit_drafts"


@dataclass(frozen=True)
class _Draft:
    event: str
    subject: Base | None
    actor: Actor
    at: datetime
    enrolment_id: int | None
    detail: dict[str, Any]


def record(
    event: str,
    subject: Base | None = None,
    *,
    actor: Actor,
    at: datetime,
    enrolment_id: int | None = None,
    **detail: Any,
) -> None:
    """Note that ``actor`` did ``event`` to ``subject``; written when the transaction commits.

    ``detail`` holds JSON values and ids only, never a partner fact. Raises RuntimeError outside
    a transaction: nothing may be written without its audit row.
    """
    if not is_writing():
        raise RuntimeError(f"{event} must be recorded inside a transaction")
    drafts = db.session.info.setdefault(_DRAFTS, [])
    plain = json.loads(json.dumps(detail, default=str))
    drafts.append(_Draft(event, subject, actor, at, enrolment_id, plain))


@before_commit
def _write_drafts() -> None:
    """Chain the drafts to the trail; the head row serialises all writers until commit."""
    drafts: list[_Draft] = db.session.info.pop(_DRAFTS, [])
    if not drafts:
        return
    head = db.session.scalar(
        select(AuditHead).where(AuditHead.id == 1).with_for_update().execution_options(populate_existing=True)
    )
    if head is None:
        head = AuditHead(id=1, sequence=0, entry_hash=GENESIS)
        db.session.add(head)
    for draft in drafts:
        entry = _entry_after(head, draft)
        db.session.add(entry)
        head.sequence, head.entry_hash = entry.sequence, entry.entry_hash
    db.session.flush()


def _entry_after(head: AuditHead, draft: _Draft) -> AuditEntry:
    subject_type, subject_id = _identity(draft.subject)
    link = ChainLink(
        sequence=head.sequence + 1,
        at=draft.at,
        actor_id=draft.actor.staff_id,
        actor_name=draft.actor.name,
        event=draft.event,
        subject_type=subject_type,
        subject_id=subject_id,
        enrolment_id=draft.enrolment_id,
        detail=draft.detail,
        previous_hash=head.entry_hash,
    )
    fields = {**vars(link), "entry_hash": link_hash(link)}
    return AuditEntry(**fields)


def _identity(subject: Base | None) -> tuple[str, int | None]:
    if subject is None:
        return "", None
    key = inspect(subject).identity
    return type(subject).__name__, key[0] if key and isinstance(key[0], int) else None


def verify() -> str | None:
    """Check the whole trail; say where it is broken, or None when it is whole."""
    rows = db.session.scalars(
        select(AuditEntry).order_by(AuditEntry.sequence).execution_options(yield_per=1000)
    )
    head = db.session.get(AuditHead, 1)
    links = (
        ChainLink(**{name: getattr(row, name) for name in ChainLink.__dataclass_fields__}) for row in rows
    )
    return first_fault(links, (head.sequence, head.entry_hash) if head else (0, GENESIS))
