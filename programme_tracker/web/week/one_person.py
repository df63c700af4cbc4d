"""An appointment with one person, as the pages that record or move it need it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import is_english_bank_holiday, local_date, to_local
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Session, SessionKind, SessionMove
from programme_tracker.scheduling.queries import booked_on
from programme_tracker.scheduling.rules import weekly_starts
from programme_tracker.web.registers.receipt import staff_names
from programme_tracker.web.registers.sheet import session_or_404
from programme_tracker.web.week.views import ONE_PERSON

#: Who may have asked for another time, by the code that is kept.
ASKED_BY = {"participant": "They did", "us": "We did", "other": "Somebody else, such as court or probation"}

#: An hour to suggest where nothing says better.
_FIRST_HOUR = 10


@dataclass(frozen=True)
class MoveSeen:
    """One move of a session, in words."""

    from_at: datetime
    to_at: datetime
    asked_by: str
    why: str
    by: str
    at: datetime


def one_persons(session_id: int) -> tuple[Session, Booking | None]:
    """Return a session of one's own and its one booking; None where it is not one person's."""
    session = session_or_404(session_id)
    booked = booked_on(session.id)
    return session, booked[0] if session.kind in ONE_PERSON and len(booked) == 1 else None


def only_person(session_id: int) -> tuple[Session, Enrolment]:
    """Return a session of one's own and whose it is; absent where it is not one person's."""
    session, booking = one_persons(session_id)
    if booking is None:
        abort(404)
    return session, booking.enrolment


def moves_of(session_id: int) -> list[MoveSeen]:
    """Return every move of a session, newest first."""
    found = select(SessionMove).where(SessionMove.session_id == session_id).order_by(SessionMove.id.desc())
    rows: Sequence[SessionMove] = db.session.scalars(found).all()
    names = staff_names([row.moved_by for row in rows])
    return [
        MoveSeen(
            row.from_at,
            row.to_at,
            ASKED_BY.get(row.asked_by or "", row.asked_by or "Not recorded"),
            row.why or "Not recorded",
            names.get(row.moved_by or 0, "the system"),
            row.moved_at,
        )
        for row in rows
    ]


def next_week(wall: datetime) -> datetime:
    """Return the same hour a week later, or the first week after that without a bank holiday."""
    return weekly_starts(wall + timedelta(weeks=1), 1, is_english_bank_holiday)[0]


def suggested_start(enrolment: Enrolment, now: datetime) -> datetime:
    """Return the London wall time a next appointment most likely has: a week after the last one."""
    last = (
        select(Session)
        .join(Booking, Booking.session_id == Session.id)
        .where(
            Booking.enrolment_id == enrolment.id,
            Booking.ended_at.is_(None),
            Session.kind == SessionKind.ONE_TO_ONE.value,
            Session.cancelled_at.is_(None),
        )
        .order_by(Session.starts_at.desc())
        .limit(1)
    )
    session = db.session.scalars(last).first()
    present = to_local(now).replace(tzinfo=None)
    if session is None:
        return _first_working_hour(now)
    wall = next_week(to_local(session.starts_at).replace(tzinfo=None))
    while wall <= present:
        wall = next_week(wall)
    return wall


def _first_working_hour(now: datetime) -> datetime:
    day = local_date(now) + timedelta(days=1)
    while day.weekday() > 4 or is_english_bank_holiday(day):
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, _FIRST_HOUR)  # noqa: DTZ001 - a wall time


def last_venue(enrolment_id: int) -> str | None:
    """Return where this person was last met alone."""
    found = (
        select(Session)
        .join(Booking, Booking.session_id == Session.id)
        .where(Booking.enrolment_id == enrolment_id, Session.kind.in_(ONE_PERSON))
        .order_by(Session.starts_at.desc())
        .options(joinedload(Session.venue))
        .limit(1)
    )
    session = db.session.scalars(found).first()
    return session.venue.name if session is not None and session.venue is not None else None
