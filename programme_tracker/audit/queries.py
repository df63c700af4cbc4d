"""Reading the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

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
        found = found.where(AuditEntry.event.startswith(sought.event, autoescape=True))
    if sought.enrolment_id is not None:
        found = found.where(AuditEntry.enrolment_id == sought.enrolment_id)
    if sought.since is not None:
        found = found.where(AuditEntry.at >= sought.since)
    if sought.until is not None:
        found = found.where(AuditEntry.at < sought.until)
    if sought.before is not None:
        found = found.where(AuditEntry.sequence < sought.before)
    return db.session.scalars(found).all()
