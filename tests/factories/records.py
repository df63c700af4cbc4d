"""What is in the database, as tests want to read it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from programme_tracker.audit import services as audit
from programme_tracker.audit.models import AuditEntry
from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import Notice
from programme_tracker.kernel.database import Base, db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.messaging.models import Message
from programme_tracker.referrals.models import Enrolment
from programme_tracker.tasks.models import Task


def row_counts() -> dict[str, int]:
    """Count the rows of every table."""
    db.session.rollback()
    counts = {
        name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in Base.metadata.tables.items()
    }
    db.session.rollback()
    return counts


@contextmanager
def refused(code: Code) -> Iterator[pytest.ExceptionInfo[RefusedError]]:
    """Expect a refusal with this code that leaves every table and the trail as they were."""
    before = row_counts()
    with pytest.raises(RefusedError) as caught:
        yield caught
    assert caught.value.code is code, caught.value.message
    assert caught.value.message
    assert row_counts() == before


def enrolment(enrolment_id: int) -> Enrolment:
    """Return an enrolment as the database has it now."""
    db.session.rollback()
    return db.session.get_one(Enrolment, enrolment_id, populate_existing=True)


def notices(enrolment_id: int | None, kind: str | None = None, to: str | None = None) -> list[Notice]:
    """Return an enrolment's notices, oldest first, of a kind and to a recipient where given."""
    found = select(Notice).where(Notice.enrolment_id == enrolment_id).order_by(Notice.id)
    if kind is not None:
        found = found.where(Notice.kind == kind)
    if to is not None:
        found = found.where(Notice.to_role == to)
    return list(db.session.scalars(found))


def notice(enrolment_id: int | None, kind: str, to: str) -> Notice:
    """Return the one notice of this kind to this recipient."""
    (only,) = notices(enrolment_id, kind, to)
    return only


def flags(enrolment_id: int) -> list[tuple[str, str, str]]:
    """Return rule, level and state of an enrolment's flags, oldest first."""
    rows = db.session.execute(
        select(Flag.rule, Flag.level, Flag.state).where(Flag.enrolment_id == enrolment_id).order_by(Flag.id)
    )
    return [(rule, level, state) for rule, level, state in rows]


def tasks(kind: str, enrolment_id: int | None = None, *, done: bool = False) -> list[Task]:
    """Return the tasks of a kind that are open (or done), oldest first."""
    is_done = Task.done_at.is_not(None) if done else Task.done_at.is_(None)
    found = select(Task).where(Task.kind == kind, is_done)
    if enrolment_id is not None:
        found = found.where(Task.enrolment_id == enrolment_id)
    return list(db.session.scalars(found.order_by(Task.id)))


def texts(session_id: int | None, kind: str | None = None) -> list[Message]:
    """Return the texts about a session, in the order in which they were planned."""
    found = select(Message).where(Message.session_id == session_id).order_by(Message.id)
    if kind is not None:
        found = found.where(Message.kind == kind)
    return list(db.session.scalars(found))


def events(*names: str) -> list[str]:
    """Return the trail's events of these names (all unless given), oldest first."""
    found = select(AuditEntry.event).order_by(AuditEntry.sequence)
    if names:
        found = found.where(AuditEntry.event.in_(names))
    return list(db.session.scalars(found))


def times_audited(event: str, **detail: object) -> int:
    """Count the trail's entries of an event whose detail says this."""
    rows = db.session.scalars(select(AuditEntry.detail).where(AuditEntry.event == event))
    return sum(all(row.get(name) == value for name, value in detail.items()) for row in rows)


def is_whole() -> bool:
    """Tell whether the trail's chain is unbroken and nothing in it happened twice."""
    assert audit.verify() is None
    once = ("notice.released", "flag.raised", "case.opened", "notice.cancelled", "register.submitted")
    found = select(AuditEntry.event, AuditEntry.subject_id).where(AuditEntry.event.in_(once))
    seen = Counter((event, subject_id) for event, subject_id in db.session.execute(found))
    db.session.rollback()  # an open read would hold up every other process on SQLite
    assert [key for key, count in seen.items() if count > 1] == []
    return True
