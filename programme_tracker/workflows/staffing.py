"""Who runs a session: cover, and an alarm when too few people will be there."""

from collections.abc import Sequence
from datetime import datetime

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import is_on_leave
from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, serialised, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.people.queries import separated_from
from programme_tracker.programmes.queries import policy_at
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import booked_on, clash_for_staff, sessions_of
from programme_tracker.scheduling.rules import staffing_due_at
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks
from programme_tracker.workflows.permissions import DELIVERY, require


def missing_staff(session: Session, now: datetime) -> int:
    """Return how many people are missing to run a session on its day, leave counted."""
    needed = policy_at(now).programmes[session.programme_code].facilitators
    day = local_date(session.starts_at)
    there = [person for person in session.staff if person.is_active and not is_on_leave(person.id, day)]
    return max(0, needed - len(there))


def staffing_due(session: Session, *, now: datetime) -> None:
    """Ask the manager for staff when too few will run a session within 48 hours (domain.md §9.20)."""
    session.staffing_due_at = None
    if session.cancelled_at is not None or session.starts_at <= now or not booked_on(session.id):
        return
    missing = missing_staff(session, now)
    if not policy_at(now).general.staffing_checks or not missing:
        return
    people = "person is" if missing == 1 else "people are"
    create_task(
        TaskKind.STAFFING,
        to="manager",
        session_id=session.id,
        why=f"{missing} {people} missing to run this session. Find cover or cancel it.",
        due_on=local_date(now),
        now=now,
    )


def _brings_together(session: Session, staff_ids: Sequence[int]) -> bool:
    """Tell whether these staff also run sessions for somebody whom a person booked here must not meet."""
    apart = {
        other
        for booking in booked_on(session.id)
        for other in separated_from(booking.enrolment.participant_id)
    }
    return bool(apart) and any(
        not {person.id for person in other.staff}.isdisjoint(staff_ids)
        for other in sessions_of(apart)
        if other.id != session.id
    )


def set_staff(session_id: int, staff_ids: Sequence[int], *, actor: Actor, now: datetime) -> Session:
    """Say who runs a session, cover included. Raises RefusedError if somebody is busy then."""
    require(actor, *DELIVERY, why="Ask a caseworker to change who runs this.")
    if not staff_ids:
        raise RefusedError(Code.NOT_ALLOWED, "Choose at least one person.", field="staff")
    with transaction():
        serialised("schedule")
        session = locked(Session, session_id)
        if session.starts_at <= now:
            raise RefusedError(Code.IN_THE_PAST, "This session has begun.")
        if clash_for_staff(staff_ids, session.starts_at, session.minutes, but=session.id):
            raise RefusedError(
                Code.CLASH_STAFF, "Somebody chosen is busy then. Choose somebody else.", field="staff"
            )
        if _brings_together(session, staff_ids):
            raise RefusedError(Code.SEPARATED, "This cannot be. Choose somebody else.", field="staff")
        session.staff = [db.session.get_one(Staff, staff_id) for staff_id in staff_ids]
        db.session.flush()
        if missing_staff(session, now):
            session.staffing_due_at = staffing_due_at(session.starts_at, now)
        else:
            finish_tasks(TaskKind.STAFFING, how="covered", actor=actor, now=now, session_id=session.id)
        audit.record("session.staff_changed", session, actor=actor, at=now, staff_ids=list(staff_ids))
        return session
