"""Reading the audit trail."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel.database import db


@dataclass(frozen=True)
class Sought:
    """What somebody looks for in the trail; None asks for anything.

    ``event`` is the beginning of an event's name. ``since`` is included, ``until`` is not.
    ``before`` is the number of the entry above which the page before ended.
    """

    actor_id: int | None = None
    event: str | None = None
    enrolment_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def entries(sought: Sought, limit: int) -> Sequence[AuditEntry]:
    """Return the entries that match, the newest first, in one statement whatever is sought."""
    found = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(limit)
    if sought.actor_id is not None:
        found = found.where(AuditEntry.actor_id == sought.actor_id)
    if sought.event:
        found = found.where(AuditEntry.event.like(_beginning(sought.event), escape="\\"))
    if sought.enrolment_id is not None:
        found = found.where(AuditEntry.enrolment_id == sought.enrolment_id)
    if sought.since is not None:
        found = found.where(AuditEntry.at >= sought.since)
    if sought.until is not None:
        found = found.where(AuditEntry.at < sought.until)
    if sought.before is not None:
        found = found.where(AuditEntry.sequence < sought.before)
    return db.session.scalars(found).all()


def _beginning(event: str) -> str:
    """Return the pattern of events that begin so, whether their words are joined by dots or spaces."""
    plain = event.lower().replace("\\", "\\\\").replace("%", "\\%")
    return "".join("_" if letter in " ._" else letter for letter in plain) + "%"


def is_noted(
    event: str, subject_type: str, subject_id: int | None, actor_id: int | None, since: datetime
) -> bool:
    """Tell whether somebody was noted at ``event`` on one thing since then (included)."""
    found = select(AuditEntry.sequence).where(
        AuditEntry.event == event,
        AuditEntry.subject_type == subject_type,
        AuditEntry.subject_id == subject_id,
        AuditEntry.actor_id == actor_id,
        AuditEntry.at >= since,
    )
    return db.session.scalar(found.limit(1)) is not None


def entries_about(
    event: str, enrolment_ids: Collection[int], subjects: Mapping[str, Collection[int]], limit: int
) -> Sequence[AuditEntry]:
    """Return the entries of ``event`` on these enrolments or things, by type and id, newest first."""
    about: list[ColumnElement[bool]] = [AuditEntry.enrolment_id.in_(enrolment_ids)]
    about += [
        (AuditEntry.subject_type == name) & AuditEntry.subject_id.in_(ids) for name, ids in subjects.items()
    ]
    found = select(AuditEntry).where(AuditEntry.event == event, or_(*about))
    return db.session.scalars(found.order_by(AuditEntry.sequence.desc()).limit(limit)).all()
