"""Finding sessions, bookings and clashes."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from programme_tracker.kernel.database import db
from programme_tracker.scheduling.models import Booking, Session, SessionMove, SessionStaff
from programme_tracker.scheduling.rules import overlaps

#: No session is longer than this; it bounds the search for overlapping ones.
LONGEST = timedelta(hours=12)


def _around(starts_at: datetime, minutes: int) -> Select[Session]:
    """Select the sessions that could overlap: still on, and starting near enough."""
    return select(Session).where(
        Session.cancelled_at.is_(None),
        Session.starts_at > starts_at - LONGEST,
        Session.starts_at < starts_at + timedelta(minutes=minutes),
    )


def _overlapping(
    found: Select[Session], starts_at: datetime, minutes: int, but: Collection[int | None]
) -> Session | None:
    for session in db.session.scalars(found.order_by(Session.starts_at)):
        if session.id not in but and overlaps(session.starts_at, session.minutes, starts_at, minutes):
            return session
    return None


def clash_for_participant(
    participant_id: int, starts_at: datetime, minutes: int, *, but: Collection[int] = ()
) -> Session | None:
    """Return a session at the same time at which this person is booked on any enrolment.

    ``but`` are sessions that do not count: the one itself, and those it would replace.
    """
    found = (
        _around(starts_at, minutes)
        .join(Booking, Booking.session_id == Session.id)
        .join(Booking.enrolment)
        .where(Booking.ended_at.is_(None))
        .where(Booking.enrolment.property.mapper.class_.participant_id == participant_id)
    )
    return _overlapping(found, starts_at, minutes, but)


def booked_around(participant_id: int, sessions: Collection[Session]) -> list[Session]:
    """Return the sessions near these in time at which this person is booked on any enrolment."""
    starts = [session.starts_at for session in sessions]
    found = (
        select(Session)
        .join(Booking, Booking.session_id == Session.id)
        .join(Booking.enrolment)
        .where(
            Session.cancelled_at.is_(None),
            Session.starts_at > min(starts) - LONGEST,
            Session.starts_at < max(starts) + LONGEST,
            Booking.ended_at.is_(None),
            Booking.enrolment.property.mapper.class_.participant_id == participant_id,
        )
    )
    return list(db.session.scalars(found))


def clash_for_staff(
    staff_ids: Collection[int], starts_at: datetime, minutes: int, *, but: int | None = None
) -> Session | None:
    """Return a session at the same time that one of these members of staff runs."""
    found = (
        _around(starts_at, minutes)
        .join(SessionStaff, SessionStaff.session_id == Session.id)
        .where(SessionStaff.staff_id.in_(staff_ids))
    )
    return _overlapping(found, starts_at, minutes, (but,))


def clash_for_venue(
    venue_id: int, starts_at: datetime, minutes: int, *, but: int | None = None
) -> Session | None:
    """Return a session at the same time in this venue."""
    found = _around(starts_at, minutes).where(Session.venue_id == venue_id)
    return _overlapping(found, starts_at, minutes, (but,))


def places_taken(session_id: int) -> int:
    """Count the live bookings of a session."""
    taken = select(func.count()).where(Booking.session_id == session_id, Booking.ended_at.is_(None))
    return db.session.scalar(taken) or 0


def booked_counts(session_ids: Collection[int]) -> dict[int, int]:
    """Count the live bookings of each session; those without any are left out."""
    counted = (
        select(Booking.session_id, func.count())
        .where(Booking.session_id.in_(session_ids), Booking.ended_at.is_(None))
        .group_by(Booking.session_id)
    )
    return {session_id: count for session_id, count in db.session.execute(counted)}


def live_bookings(enrolment_id: int) -> list[Booking]:
    """Return an enrolment's live bookings, in order of session."""
    return list(
        db.session.scalars(
            select(Booking)
            .join(Booking.session)
            .options(contains_eager(Booking.session))
            .where(Booking.enrolment_id == enrolment_id, Booking.ended_at.is_(None))
            .order_by(Session.starts_at)
        )
    )


def live_booking(session_id: int, enrolment_id: int) -> Booking | None:
    """Return this enrolment's live booking of a session, if it has one."""
    return db.session.scalars(
        select(Booking).where(
            Booking.session_id == session_id,
            Booking.enrolment_id == enrolment_id,
            Booking.ended_at.is_(None),
        )
    ).first()


def booked_on(session_id: int) -> list[Booking]:
    """Return the live bookings of a session, oldest enrolment first."""
    return list(
        db.session.scalars(
            select(Booking)
            .where(Booking.session_id == session_id, Booking.ended_at.is_(None))
            .order_by(Booking.enrolment_id)
        )
    )


def sessions_of(participant_ids: Collection[int]) -> list[Session]:
    """Return the sessions that are on and that any of these people are booked on."""
    return list(
        db.session.scalars(
            select(Session)
            .join(Session.bookings)
            .join(Booking.enrolment)
            .where(
                Session.cancelled_at.is_(None),
                Booking.ended_at.is_(None),
                Booking.enrolment.property.mapper.class_.participant_id.in_(participant_ids),
            )
            .distinct()
        )
    )


def later_in_group(session: Session) -> list[Session]:
    """Return the sessions of the same group that start after this one and are still on."""
    if session.group_id is None:
        return []
    return list(
        db.session.scalars(
            select(Session)
            .where(
                Session.group_id == session.group_id,
                Session.starts_at > session.starts_at,
                Session.cancelled_at.is_(None),
                Session.submitted_at.is_(None),
            )
            .order_by(Session.starts_at)
        )
    )


def voided_bookings(enrolment_id: int, why: str) -> list[Booking]:
    """Return the bookings given up for this reason, newest first."""
    return list(
        db.session.scalars(
            select(Booking)
            .where(Booking.enrolment_id == enrolment_id, Booking.end_reason == why)
            .order_by(Booking.id.desc())
        )
    )


def is_first_booked(session: Session, enrolment_id: int) -> bool:
    """Tell whether this is the person's first session of the session's group."""
    earlier = (
        select(Booking.id)
        .join(Booking.session)
        .where(
            Booking.enrolment_id == enrolment_id,
            Booking.ended_at.is_(None),
            Session.group_id == session.group_id,
            Session.id != session.id,
            Session.starts_at < session.starts_at,
        )
    )
    return db.session.scalars(earlier.limit(1)).first() is None


def moves_of(session_id: int) -> list[SessionMove]:
    """Return the moves of a session, oldest first: the nth made its version n + 1."""
    found = select(SessionMove).where(SessionMove.session_id == session_id)
    return list(db.session.scalars(found.order_by(SessionMove.id)))
