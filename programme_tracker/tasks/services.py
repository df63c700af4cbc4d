"""Making and finishing tasks."""

from datetime import date, datetime

from sqlalchemy import select

from programme_tracker.alerts.services import tell
from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.tasks.models import Task, TaskKind

#: Tasks that cannot wait for the next digest: a hold lasts a working day at most.
URGENT = frozenset({TaskKind.DECIDE_HOLD})


def create_task(
    kind: TaskKind,
    *,
    to: str,
    why: str,
    due_on: date,
    now: datetime,
    actor: Actor = SYSTEM,
    staff_id: int | None = None,
    enrolment_id: int | None = None,
    session_id: int | None = None,
    participant_id: int | None = None,
    about_staff_id: int | None = None,
    again: bool = False,
) -> Task:
    """Make a task, or return the open one that already asks the same of the same people.

    ``again`` makes another all the same: for what recurs, such as a review every fortnight.

    ``why`` is read by staff on a list: no partner fact may stand in it.
    """
    with transaction():
        wanted = {
            "kind": kind.value,
            "to_role": to,
            "staff_id": staff_id,
            "enrolment_id": enrolment_id,
            "session_id": session_id,
            "participant_id": participant_id,
            "about_staff_id": about_staff_id,
        }
        same = select(Task).where(Task.done_at.is_(None)).filter_by(**wanted)
        task = db.session.scalars(same).first()
        if task is not None and not again:
            return task
        task = Task(**wanted, why=why, due_on=due_on, created_at=now)
        db.session.add(task)
        db.session.flush()
        _announce(task, now=now, actor=actor)
        return task


def _announce(task: Task, *, now: datetime, actor: Actor) -> None:
    """Write a new task's audit row, and alert whoever is to do it."""
    audit.record(
        "task.created",
        task,
        actor=actor,
        at=now,
        enrolment_id=task.enrolment_id,
        kind=task.kind,
        to=task.to_role,
        staff_id=task.staff_id,
        session_id=task.session_id,
        due=task.due_on,
    )
    urgent = task.kind in URGENT
    tell(task.to_role, task.staff_id, f"task:{task.id}", urgent=urgent, now=now, actor=actor)


def finish_task(task: Task, *, how: str, actor: Actor, now: datetime) -> None:
    """Mark a task done, saying how; a task already done stays as it is."""
    with transaction():
        task = locked(Task, task.id)
        if task.done_at is not None:
            return
        task.done_at, task.done_by, task.done_how = now, actor.staff_id, how
        audit.record("task.done", task, actor=actor, at=now, enrolment_id=task.enrolment_id, kind=task.kind)


def reopen_task(task: Task, *, actor: Actor, now: datetime) -> None:
    """Open a finished task again; how it was finished stays in the audit trail."""
    with transaction():
        task.done_at, task.done_by, task.done_how = None, None, None
        audit.record(
            "task.reopened", task, actor=actor, at=now, enrolment_id=task.enrolment_id, kind=task.kind
        )


def finish_tasks(
    kind: TaskKind,
    *,
    how: str,
    actor: Actor,
    now: datetime,
    enrolment_id: int | None = None,
    session_id: int | None = None,
    about_staff_id: int | None = None,
) -> None:
    """Finish every open task of a kind that speaks of this enrolment or session."""
    with transaction():
        wanted = select(Task).where(Task.kind == kind.value, Task.done_at.is_(None))
        if enrolment_id is not None:
            wanted = wanted.where(Task.enrolment_id == enrolment_id)
        if session_id is not None:
            wanted = wanted.where(Task.session_id == session_id)
        if about_staff_id is not None:
            wanted = wanted.where(Task.about_staff_id == about_staff_id)
        for task in db.session.scalars(wanted):
            finish_task(task, how=how, actor=actor, now=now)
