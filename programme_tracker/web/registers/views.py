"""What the pages of registers show: who is on one, which wait, and one's own sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.queries import submissions_of
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.people.rules import initials_of
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, gate_is_open
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.models import Booking, Session, SessionStaff
from programme_tracker.scheduling.queries import booked_counts
from programme_tracker.web.registers.marks import prefix_of
from programme_tracker.web.sessions.wording import session_label

MOST = 50


@dataclass(frozen=True)
class RegisterPerson:
    """One person on a register; ``locked`` is a sentence where no mark is asked for."""

    enrolment_id: int
    name: str
    reference: str
    note: str
    sign_off: str
    is_suspended: bool
    is_confirmed: bool
    locked: str | None

    @property
    def prefix(self) -> str:
        """How the names of this person's fields begin."""
        return prefix_of(self.enrolment_id)


@dataclass(frozen=True)
class OwnSession:
    """A session as those who run it see it in a list."""

    session_id: int
    label: str
    starts_at: datetime
    register_due_at: datetime | None
    people: int
    venue: str | None
    is_begun: bool
    is_ended: bool
    is_overdue: bool
    submission_id: int | None = None


@dataclass(frozen=True)
class OwnSessions:
    """The sessions somebody runs: registers missing, the next one, those after it, those done."""

    missing: Sequence[OwnSession]
    next: OwnSession | None
    later: Sequence[OwnSession]
    done: Sequence[OwnSession]


def people_on(session: Session) -> list[RegisterPerson]:
    """Return everybody on a session's register, by name."""
    bookings = db.session.scalars(
        select(Booking)
        .join(Booking.enrolment)
        .join(Enrolment.participant)
        .where(Booking.session_id == session.id, Booking.ended_at.is_(None))
        .order_by(Participant.name_folded, Enrolment.id)
        .options(joinedload(Booking.enrolment).joinedload(Enrolment.participant))
    ).all()
    initials = [initials_of(booking.enrolment.participant.name) for booking in bookings]
    return [
        _person(booking, initials.count(own) > 1) for booking, own in zip(bookings, initials, strict=True)
    ]


def _person(booking: Booking, shares_initials: bool) -> RegisterPerson:
    enrolment = booking.enrolment
    suspended = enrolment.status == EnrolmentStatus.SUSPENDED
    locked = "Excused: suspended. No mark is needed." if suspended else None
    if is_over(enrolment):
        locked = "No longer on the programme. No mark is needed."
    return RegisterPerson(
        enrolment_id=enrolment.id,
        name=enrolment.participant.name,
        reference=enrolment.participant.reference,
        # A phone without signal shows initials: the reference is what tells these people apart there.
        note=enrolment.participant.reference if shares_initials else "",
        # Those in the room learn whether, never why not (product.md §1).
        sign_off="granted" if gate_is_open(Gate(enrolment.gate)) else "not_granted",
        is_suspended=suspended,
        is_confirmed=booking.confirmed_at is not None,
        locked=locked,
    )


def registers_waiting(actor: Actor, now: datetime) -> list[OwnSession]:
    """Return the registers this person is waited for to submit, the longest waiting first.

    Those of sessions they run; for caseworkers also those nobody runs; for managers everything
    past noon of the next working day as well.
    """
    return _waiting(_answers_for(actor, now), now)


def next_session(actor: Actor, now: datetime) -> OwnSession | None:
    """Return the next session this person runs: begun and without its register, or to come."""
    return own_sessions(actor, now).next


def own_sessions(actor: Actor, now: datetime) -> OwnSessions:
    """Return the sessions this person runs, what presses first."""
    runs = _runs(actor)
    waiting = _waiting(runs, now)
    missing = [one for one in waiting if one.is_ended]
    ahead = [one for one in waiting if not one.is_ended]
    ahead += _listed(
        select(Session).where(Session.starts_at > now, runs).order_by(Session.starts_at, Session.id), now
    )
    done = _listed(
        select(Session)
        .where(Session.submitted_at.is_not(None), runs)
        .order_by(Session.starts_at.desc(), Session.id.desc()),
        now,
        most=10,
    )
    return OwnSessions(missing, ahead[0] if ahead else None, ahead[1:], done)


def _waiting(condition: ColumnElement[bool], now: datetime) -> list[OwnSession]:
    booked = select(Booking.session_id).where(Booking.ended_at.is_(None))
    return _listed(
        select(Session)
        .where(
            Session.starts_at <= now,
            Session.submitted_at.is_(None),
            Session.id.in_(booked),
            condition,
        )
        .order_by(Session.starts_at, Session.id),
        now,
    )


def _answers_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    conditions = [_runs(actor)]
    if actor.has(Role.CASEWORKER):
        conditions.append(~Session.id.in_(select(SessionStaff.session_id)))
    if actor.has(Role.MANAGER):
        conditions.append(Session.register_due_at < now)
    return or_(*conditions)


def _runs(actor: Actor) -> ColumnElement[bool]:
    return Session.id.in_(select(SessionStaff.session_id).where(SessionStaff.staff_id == actor.staff_id))


def _listed(found: Select[Session], now: datetime, most: int = MOST) -> list[OwnSession]:
    """Read sessions that are still on, with their people counted, in two more queries at most."""
    still_on = found.where(Session.cancelled_at.is_(None)).limit(most)
    rows = list(
        db.session.scalars(still_on.options(joinedload(Session.group), joinedload(Session.venue))).unique()
    )
    ids = [row.id for row in rows]
    people, submissions = booked_counts(ids), submissions_of(ids)
    return [_own(row, people.get(row.id, 0), submissions.get(row.id), now) for row in rows]


def _own(session: Session, people: int, submission_id: int | None, now: datetime) -> OwnSession:
    due = session.register_due_at
    return OwnSession(
        session_id=session.id,
        label=session_label(session, now),
        starts_at=session.starts_at,
        register_due_at=due,
        people=people,
        venue=session.venue.name if session.venue else None,
        is_begun=session.starts_at <= now,
        is_ended=session.starts_at + timedelta(minutes=session.minutes) <= now,
        is_overdue=due is not None and due < now,
        submission_id=submission_id,
    )
