"""Writing sessions and bookings; what follows for texts and notices is for workflows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from programme_tracker.accounts.models import Staff
from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.kernel.working_time import WorkingCalendar
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Group, Session, SessionMove, Venue
from programme_tracker.scheduling.rules import register_due_at, staffing_due_at


@dataclass(frozen=True)
class NewSession:
    """One session to be made; ``starts_at`` is an aware instant."""

    programme_code: str
    kind: str
    starts_at: datetime
    minutes: int
    capacity: int
    staff_ids: Sequence[int]
    part: str | None = None
    number: int | None = None
    topic: str | None = None
    venue_id: int | None = None
    group_id: int | None = None


def venue_named(name: str) -> Venue:
    """Return the venue of this name, made if it is new; the caller holds the transaction."""
    venue = db.session.scalars(select(Venue).where(Venue.name == name)).first()
    if venue is None:
        venue = Venue(name=name)
        db.session.add(venue)
        db.session.flush()
    return venue


def add_session(details: NewSession, *, actor: Actor, now: datetime) -> Session:
    """Make a session and note when its register is due (noon of the next working day)."""
    with transaction():
        ends_at = details.starts_at + timedelta(minutes=details.minutes)
        session = Session(
            programme_code=details.programme_code,
            group_id=details.group_id,
            kind=details.kind,
            part=details.part,
            number=details.number,
            topic=details.topic,
            starts_at=details.starts_at,
            minutes=details.minutes,
            capacity=details.capacity,
            venue_id=details.venue_id,
            created_at=now,
            register_due_at=register_due_at(ends_at, WorkingCalendar()),
            staffing_due_at=staffing_due_at(details.starts_at, now),
        )
        session.staff = [db.session.get_one(Staff, staff_id) for staff_id in details.staff_ids]
        db.session.add(session)
        db.session.flush()
        audit.record("session.added", session, actor=actor, at=now, starts_at=details.starts_at)
        return session


def add_group(
    programme_code: str,
    name: str,
    capacity: int,
    venue_id: int | None,
    *,
    actor: Actor,
    now: datetime,
) -> Group:
    """Make a group; its sessions are added one by one."""
    with transaction():
        group = Group(
            programme_code=programme_code,
            name=name,
            capacity=capacity,
            venue_id=venue_id,
            created_at=now,
        )
        db.session.add(group)
        db.session.flush()
        audit.record("group.added", group, actor=actor, at=now)
        return group


def add_booking(session: Session, enrolment: Enrolment, *, actor: Actor, now: datetime) -> Booking:
    """Book a place. Raises RefusedError if the person has one already."""
    return add_bookings([session], enrolment, actor=actor, now=now)[0]


def add_bookings(
    sessions: Sequence[Session], enrolment: Enrolment, *, actor: Actor, now: datetime
) -> list[Booking]:
    """Book places in all of these. Raises RefusedError if the person has one of them already."""
    with transaction():
        live = select(Booking.id).where(
            Booking.session_id.in_([session.id for session in sessions]),
            Booking.enrolment_id == enrolment.id,
            Booking.ended_at.is_(None),
        )
        if db.session.scalars(live.limit(1)).first() is not None:
            raise RefusedError(Code.NOT_ALLOWED, "This person is booked on this session already.")
        bookings = [
            Booking(session=session, enrolment=enrolment, booked_at=now, booked_by=actor.staff_id)
            for session in sessions
        ]
        db.session.add_all(bookings)
        for session in sessions:
            # Looked at while nobody was booked: now somebody comes.
            if session.staffing_due_at is None and session.starts_at > now:
                session.staffing_due_at = staffing_due_at(session.starts_at, now)
        db.session.flush()
        for session, booking in zip(sessions, bookings, strict=True):
            audit.record(
                "booking.made",
                booking,
                actor=actor,
                at=now,
                enrolment_id=enrolment.id,
                session_id=session.id,
            )
        return bookings


def confirm(booking: Booking, *, now: datetime) -> None:
    """Note that a person replied that they will come."""
    with transaction():
        booking.confirmed_at = now
        audit.record(
            "booking.confirmed",
            booking,
            actor=SYSTEM,
            at=now,
            enrolment_id=booking.enrolment_id,
            session_id=booking.session_id,
        )


def end_booking(booking: Booking, why: str, *, actor: Actor, now: datetime) -> None:
    """Give up a place, saying why; one given up already stays as it is."""
    with transaction():
        if booking.ended_at is not None:
            return
        booking.ended_at, booking.end_reason = now, why
        audit.record(
            "booking.ended",
            booking,
            actor=actor,
            at=now,
            enrolment_id=booking.enrolment_id,
            session_id=booking.session_id,
            why=why,
        )


@dataclass(frozen=True)
class MoveReason:
    """Who asked that a session be moved, and why."""

    asked_by: str | None = None
    why: str | None = None


def set_start(
    session: Session,
    starts_at: datetime,
    *,
    actor: Actor,
    now: datetime,
    reason: MoveReason | None = None,
) -> None:
    """Move a session: a new version, so that texts about the old one no longer count."""
    with transaction():
        before = session.starts_at
        reason = reason or MoveReason()
        db.session.add(
            SessionMove(
                session_id=session.id,
                from_at=before,
                to_at=starts_at,
                asked_by=reason.asked_by,
                why=reason.why,
                moved_at=now,
                moved_by=actor.staff_id,
            )
        )
        session.starts_at = starts_at
        session.version += 1
        ends_at = starts_at + timedelta(minutes=session.minutes)
        session.register_due_at = register_due_at(ends_at, WorkingCalendar())
        session.staffing_due_at = staffing_due_at(starts_at, now)
        audit.record("session.moved", session, actor=actor, at=now, from_at=before, to_at=starts_at)


def set_cancelled(session: Session, reason: str | None, *, actor: Actor, now: datetime) -> None:
    """Cancel a session; no register will be asked for."""
    with transaction():
        session.cancelled_at, session.cancel_reason = now, reason
        session.version += 1
        session.register_due_at = session.staffing_due_at = None
        audit.record("session.cancelled", session, actor=actor, at=now)
