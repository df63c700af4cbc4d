"""What the sign-off pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, case, select
from sqlalchemy.orm import joinedload

from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import gate_history, reason_given
from programme_tracker.referrals.rules import Gate
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.workflows.visibility import may_see_enrolment

MOST = 200


@dataclass(frozen=True)
class WaitingSignOff:
    """One enrolment that waits for a sign-off, and the day it is due."""

    enrolment: Enrolment
    due_on: date | None
    is_mine: bool


@dataclass(frozen=True)
class PastDecision:
    """One answer in a sign-off's history; the reason only for those who may read it."""

    decision: str
    decided_at: datetime
    by: str | None
    reason: str | None


def waiting(actor: Actor) -> list[WaitingSignOff]:
    """Return the enrolments whose sign-off waits: my own first, then the longest due."""
    mine = case((Enrolment.worker_id == actor.staff_id, 0), else_=1)
    found = _listed(actor, Enrolment.gate == Gate.PENDING.value, Enrolment.ended_at.is_(None))
    rows = db.session.scalars(found.order_by(mine, Enrolment.created_at, Enrolment.id)).all()
    due = _due_days([enrolment.id for enrolment in rows])
    return [
        WaitingSignOff(enrolment, due.get(enrolment.id), enrolment.worker_id == actor.staff_id)
        for enrolment in rows
    ]


def decided(actor: Actor) -> Sequence[Enrolment]:
    """Return the enrolments whose sign-off is decided: refused and withdrawn first, at most 200."""
    shut = case((Enrolment.gate.in_((Gate.REFUSED.value, Gate.WITHDRAWN.value)), 0), else_=1)
    found = _listed(actor, Enrolment.gate != Gate.PENDING.value)
    return db.session.scalars(found.order_by(shut, Enrolment.id.desc()).limit(MOST)).all()


def _listed(actor: Actor, *conditions: ColumnElement[bool]) -> Select[Enrolment]:
    return (
        select(Enrolment)
        .where(may_see_enrolment(actor), *conditions)
        .options(
            joinedload(Enrolment.participant),
            joinedload(Enrolment.programme),
            joinedload(Enrolment.referrer),
            joinedload(Enrolment.referral),
            joinedload(Enrolment.worker),
        )
    )


def _due_days(enrolment_ids: Sequence[int]) -> dict[int, date]:
    rows = db.session.execute(
        select(Task.enrolment_id, Task.due_on).where(
            Task.kind == TaskKind.SIGN_OFF, Task.done_at.is_(None), Task.enrolment_id.in_(enrolment_ids)
        )
    )
    return {enrolment_id: due_on for enrolment_id, due_on in rows if enrolment_id is not None}


def history(enrolment: Enrolment, actor: Actor) -> list[PastDecision]:
    """Return a sign-off's history, newest first.

    What victim safety gave as its reason may come from the partner: it stays with victim safety.
    """
    rows = gate_history(enrolment.id)
    names = _names([row.decided_by for row in rows])
    reads_all = actor.has(Role.VICTIM_SAFETY)
    return [
        PastDecision(
            row.decision,
            row.decided_at,
            names.get(row.decided_by or 0),
            reason_given(row) if reads_all or row.decision == Gate.NOT_APPLICABLE else None,
        )
        for row in rows
    ]


def _names(staff_ids: Sequence[int | None]) -> dict[int, str]:
    found = select(Staff.id, Staff.name).where(Staff.id.in_([one for one in staff_ids if one is not None]))
    return {staff_id: name for staff_id, name in db.session.execute(found)}
