"""Reading enrolments and their history."""

from datetime import datetime

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import Enrolment, NeutralSpan, StatusChange
from programme_tracker.referrals.rules import EnrolmentStatus


def suspensions_of(enrolment_id: int) -> tuple[tuple[datetime, datetime | None], ...]:
    """Return when the enrolment was suspended: (from, to), the last with no end if it still is."""
    rows = db.session.execute(
        select(StatusChange.from_status, StatusChange.to_status, StatusChange.changed_at)
        .where(StatusChange.enrolment_id == enrolment_id)
        .order_by(StatusChange.id)
    )
    spans: list[tuple[datetime, datetime | None]] = []
    for before, after, at in rows:
        if after == EnrolmentStatus.SUSPENDED:
            spans.append((at, None))
        elif before == EnrolmentStatus.SUSPENDED and spans:
            spans[-1] = (spans[-1][0], at)
    return tuple(spans)


def neutral_spans_of(enrolment_id: int) -> tuple[tuple[datetime, datetime | None], ...]:
    """Return the spans of time that count for nothing on an enrolment."""
    rows = db.session.execute(
        select(NeutralSpan.from_at, NeutralSpan.to_at).where(NeutralSpan.enrolment_id == enrolment_id)
    )
    return tuple((from_at, to_at) for from_at, to_at in rows)


def enrolments_of(participant_id: int) -> list[Enrolment]:
    """Return every enrolment of a participant, oldest first."""
    return list(
        db.session.scalars(
            select(Enrolment).where(Enrolment.participant_id == participant_id).order_by(Enrolment.id)
        )
    )
