"""Writing the audit trail, in the same transaction as what it speaks of."""

import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, inspect, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from programme_tracker.audit.models import AuditEntry, AuditHead
from programme_tracker.audit.rules import GENESIS, ChainLink, first_fault, link_hash
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import Base, db, table_of
from programme_tracker.kernel.transaction import before_commit, is_writing, locked

_DRAFTS = "audit_drafts"

#: The subject of an entry that is about no row.
_NOTHING: tuple[str, int | None] = ("", None)


@dataclass(frozen=True)
class _Draft:
    event: str
    #: A row, whose id may not be known before it was written, or a type's name and an id.
    subject: Base | tuple[str, int | None]
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
    _drafts().append(_Draft(event, subject or _NOTHING, actor, at, enrolment_id, _plain(detail)))


@dataclass(frozen=True)
class About:
    """What one of many entries is about: a row's id, whose enrolment, and JSON values and ids."""

    subject_id: int
    enrolment_id: int | None
    detail: dict[str, Any]


def record_all(event: str, model: type[Base], rows: Iterable[About], *, actor: Actor, at: datetime) -> None:
    """Note the same of many rows of one table at once, an entry for each; else as ``record``."""
    if not is_writing():
        raise RuntimeError(f"{event} must be recorded inside a transaction")
    name = model.__name__
    _drafts().extend(
        _Draft(event, (name, row.subject_id), actor, at, row.enrolment_id, _plain(row.detail)) for row in rows
    )


def _drafts() -> list[_Draft]:
    drafts: list[_Draft] = db.session.info.setdefault(_DRAFTS, [])
    return drafts


def _plain(detail: dict[str, Any]) -> dict[str, Any]:
    """Return details as they come back out of the database, so that the hash is of those."""
    plain: dict[str, Any] = json.loads(json.dumps(detail, default=str))
    return plain


@before_commit
def _write_drafts() -> None:
    """Chain the drafts to the trail; the head row serialises all writers until commit."""
    drafts: list[_Draft] = db.session.info.pop(_DRAFTS, [])
    if not drafts:
        return
    head = _locked_head()
    sequence, previous = head.sequence, head.entry_hash
    rows = []
    for draft in drafts:
        sequence += 1
        link = _link(draft, sequence, previous)
        previous = link_hash(link)
        rows.append({**vars(link), "entry_hash": previous})
    db.session.execute(insert(table_of(AuditEntry)), rows)
    head.sequence, head.entry_hash = sequence, previous
    db.session.flush()


def _locked_head() -> AuditHead:
    """Lock the head row. The very first writers of a trail may make it at the same moment."""
    try:
        return locked(AuditHead, 1)
    except LookupError:
        on_sqlite = db.session.get_bind().dialect.name == "sqlite"
        insert_if_new = sqlite_insert if on_sqlite else postgresql_insert
        first = insert_if_new(AuditHead).values(id=1, sequence=0, entry_hash=GENESIS)
        db.session.execute(first.on_conflict_do_nothing())
        return locked(AuditHead, 1)


def _link(draft: _Draft, sequence: int, previous_hash: str) -> ChainLink:
    subject_type, subject_id = _identity(draft.subject)
    return ChainLink(
        sequence=sequence,
        at=draft.at,
        actor_id=draft.actor.staff_id,
        actor_name=draft.actor.name,
        event=draft.event,
        subject_type=subject_type,
        subject_id=subject_id,
        enrolment_id=draft.enrolment_id,
        detail=draft.detail,
        previous_hash=previous_hash,
    )


def _identity(subject: Base | tuple[str, int | None]) -> tuple[str, int | None]:
    if isinstance(subject, tuple):
        return subject
    key = inspect(subject).identity
    return type(subject).__name__, key[0] if key and isinstance(key[0], int) else None


def verify() -> str | None:
    """Check the whole trail; say where it is broken, or None when it is whole.

    Sees one state of the trail while others write to it, and leaves the session without an open
    read. Raises RuntimeError inside a transaction, whose own entries are not yet written.
    """
    if is_writing():
        raise RuntimeError("the trail cannot be checked inside a transaction")
    db.session.rollback()
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    head = db.session.get(AuditHead, 1)
    entries = select(AuditEntry).order_by(AuditEntry.sequence).execution_options(yield_per=1000)
    try:
        with closing(db.session.scalars(entries)) as rows:
            links = (
                ChainLink(**{name: getattr(row, name) for name in ChainLink.__dataclass_fields__})
                for row in rows
            )
            return first_fault(links, (head.sequence, head.entry_hash) if head else (0, GENESIS))
    finally:
        db.session.rollback()
