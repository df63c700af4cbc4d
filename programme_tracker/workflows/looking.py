"""Who looked at what is kept about somebody: noted with every page, and listed for victim safety."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from programme_tracker.attendance.models import RegisterSubmission
from programme_tracker.audit import services as audit
from programme_tracker.audit.models import AuditEntry
from programme_tracker.audit.queries import entries_about, is_noted
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import Base, db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import InboundMessage
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.scheduling.models import Booking, Session

#: The event of a page that was read.
READ = "read"


def note_read(model: type[Base], key: int, page: str, *, actor: Actor, now: datetime) -> None:
    """Note that somebody reads a page about the row ``key``; ``page`` is its endpoint, never a fact.

    One entry for each reader, row and minute, whatever of it they read within that minute: the
    first page's. The caller answers only after this.
    """
    minute = now.replace(second=0, microsecond=0)
    if is_noted(READ, model.__name__, key, actor.staff_id, minute):
        return
    with transaction():
        subject = db.session.get(model, key)
        enrolment_id = key if model is Enrolment else getattr(subject, "enrolment_id", None)
        audit.record(READ, subject, actor=actor, at=now, enrolment_id=enrolment_id, page=page)


def who_looked(participant_id: int, limit: int = 200) -> Sequence[AuditEntry]:
    """Return the entries of those who read pages about a participant, newest first.

    Their own pages, cases, notices, tasks and texts; and registers, sessions and groups that show
    them among others.
    """
    enrolments = _ids(select(Enrolment.id).where(Enrolment.participant_id == participant_id))
    sessions = _ids(select(Booking.session_id).where(Booking.enrolment_id.in_(enrolments)))
    groups = select(Session.group_id).where(Session.id.in_(sessions), Session.group_id.is_not(None))
    registers = select(RegisterSubmission.id).where(RegisterSubmission.session_id.in_(sessions))
    texts = select(InboundMessage.id).where(InboundMessage.participant_id == participant_id)
    subjects = {
        "Participant": {participant_id},
        "Referral": _ids(select(Referral.id).where(Referral.participant_id == participant_id)),
        "Session": sessions,
        "Group": _ids(groups),
        "RegisterSubmission": _ids(registers),
        "InboundMessage": _ids(texts),
    }
    return entries_about(READ, enrolments, subjects, limit)


def _ids(found: Select[Any]) -> set[int]:
    return set(db.session.scalars(found))
