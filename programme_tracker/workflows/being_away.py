"""Somebody away: their days off or a closed account, and the sessions that then lack somebody."""

from datetime import date, datetime

from sqlalchemy import select

from programme_tracker.accounts import services as accounts
from programme_tracker.accounts.models import StaffLeave
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.scheduling.models import Session, SessionStaff
from programme_tracker.scheduling.rules import staffing_due_at


def record_leave(
    staff_id: int,
    from_on: date,
    to_on: date,
    *,
    actor: Actor,
    now: datetime,
    deputy_id: int | None = None,
) -> StaffLeave:
    """Note that somebody is away, London dates, both included; who runs their sessions is looked at anew.

    Whoever is ill tomorrow says so today: the 48 hours before a session have begun by then
    (domain.md §9.20). With ``deputy_id`` that colleague stands in from now on. Raises RefusedError
    when the leave ends before it starts, or the colleague does other work.
    """
    with transaction():
        if deputy_id is not None:
            accounts.set_deputy(staff_id, deputy_id, actor=actor, now=now)
        leave = accounts.record_leave(staff_id, from_on, to_on, actor=actor, now=now)
        _look_at_staffing(staff_id, now, from_on, to_on)
        return leave


def disable(staff_id: int, *, actor: Actor, now: datetime) -> None:
    """Stop an account from signing in; who runs its sessions to come is looked at anew."""
    with transaction():
        accounts.disable_staff(staff_id, actor=actor, now=now)
        _look_at_staffing(staff_id, now, local_date(now), date.max)


def _look_at_staffing(staff_id: int, now: datetime, from_on: date, to_on: date) -> None:
    """Have it looked at again, now or 48 hours before, who runs somebody's sessions on these days."""
    found = (
        select(Session)
        .join(SessionStaff, SessionStaff.session_id == Session.id)
        .where(SessionStaff.staff_id == staff_id, Session.starts_at > now, Session.cancelled_at.is_(None))
        .order_by(Session.id)
    )
    for session in db.session.scalars(found.with_for_update(of=Session)).all():
        if from_on <= local_date(session.starts_at) <= to_on:
            session.staffing_due_at = staffing_due_at(session.starts_at, now)
