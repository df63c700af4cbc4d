"""What the pages about keeping and erasing show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, or_, select

from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.people.models import Erasure, KeepingOrder, Participant
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.workflows.erasing import what_forbids
from programme_tracker.workflows.erasing.allowed import Standing, standing_of

#: Lines on a list.
MOST = 100


@dataclass(frozen=True)
class KeptLine:
    """One person whose time is over: since when, and what still holds them up."""

    person: Participant
    since: date
    forbids: str | None


@dataclass(frozen=True)
class KeepingPage:
    """How one participant stands, and what was decided about them."""

    person: Participant
    standing: Standing
    forbids: str | None
    erasure: Erasure | None
    by: Staff | None


def page_of(person: Participant, now: datetime) -> KeepingPage:
    """Return what a manager sees of one participant."""
    found = select(Erasure).where(Erasure.subject == "participant", Erasure.subject_id == person.id)
    erasure = db.session.scalars(found).first()
    by = db.session.get(Staff, erasure.erased_by) if erasure and erasure.erased_by else None
    standing = standing_of(person, now)
    return KeepingPage(person, standing, what_forbids(standing, now), erasure, by)


def people_over(now: datetime) -> list[KeptLine]:
    """Return the people whom nothing but what is said keeps, those whose time has long been over first."""
    general, today = policy_at(now).general, local_date(now)
    taken = exists().where(Enrolment.participant_id == Participant.id)
    last_end = (
        select(func.max(Enrolment.ended_at))
        .where(Enrolment.participant_id == Participant.id)
        .correlate(Participant)
        .scalar_subquery()
    )
    under_way = exists().where(Enrolment.participant_id == Participant.id, Enrolment.ended_at.is_(None))
    kept = exists().where(KeepingOrder.participant_id == Participant.id, KeepingOrder.ended_at.is_(None))
    found = select(Participant).where(
        Participant.erased_at.is_(None),
        ~under_way,
        ~kept,
        or_(
            last_end < _years_before(now, general.keep_adult_years),
            ~taken & (Participant.created_at < _years_before(now, general.keep_rejected_years)),
        ),
    )
    lines = []
    for person in db.session.scalars(found.order_by(Participant.id).limit(MOST)):
        standing = standing_of(person, now)
        if standing.keep_until is not None and not standing.is_kept_on(today):
            lines.append(KeptLine(person, standing.keep_until, what_forbids(standing, now)))
    return sorted(lines, key=lambda line: line.since)


def _years_before(now: datetime, years: int) -> datetime:
    day = min(now.day, 28) if now.month == 2 else now.day
    return now.replace(year=now.year - years, day=day)


def orders() -> Sequence[tuple[KeepingOrder, Participant]]:
    """Return the orders to keep people longer that stand, the oldest first."""
    found = (
        select(KeepingOrder, Participant)
        .join(Participant, Participant.id == KeepingOrder.participant_id)
        .where(KeepingOrder.ended_at.is_(None))
        .order_by(KeepingOrder.since_at)
    )
    return [(order, person) for order, person in db.session.execute(found)]
