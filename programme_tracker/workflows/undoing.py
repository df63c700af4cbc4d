"""Taking back what one has just done oneself, where nothing followed from it that others acted on.

A text that went, a decision, or whoever was told cannot be taken back; those are corrected.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from programme_tracker.escalation.models import CaseDecision, Notice
from programme_tracker.escalation.rules import manager_chase_at
from programme_tracker.escalation.services import take_back_acknowledgement
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.tasks.models import Task
from programme_tracker.tasks.services import reopen_task

#: For so long a slip of the thumb is a slip.
UNDO_FOR = timedelta(minutes=10)

TOO_LATE = "This can no longer be undone."


def unacknowledge(notice_id: int, *, actor: Actor, now: datetime) -> Notice:
    """Take back one's own acknowledgement; from then on it is chased as if it had never been.

    Raises RefusedError after ten minutes, for somebody else's, and once a decision was made.
    """
    with transaction():
        enrolment_id = db.session.get_one(Notice, notice_id).enrolment_id
        if enrolment_id is not None:
            locked(Enrolment, enrolment_id)  # before the notice, as every workflow does
        notice = locked(Notice, notice_id)
        if not _is_just_done(notice.acknowledged_at, notice.acknowledged_by, actor, now) or _decided(notice):
            raise RefusedError(Code.NOT_ALLOWED, TOO_LATE)
        take_back_acknowledgement(notice, chase_at=_next_chase(notice), actor=actor, now=now)
        return notice


def _next_chase(notice: Notice) -> datetime | None:
    """Return when the notice would be chased next, had it not been acknowledged."""
    if notice.chase_step == 0:
        return notice.acknowledge_by
    if notice.to_role == "victim_safety" or notice.chase_step > 1 or notice.released_at is None:
        return None
    return manager_chase_at(notice.released_at, policy_at(notice.released_at).general)


def _decided(notice: Notice) -> bool:
    if notice.case_id is None or notice.acknowledged_at is None:
        return False
    later = exists().where(
        CaseDecision.case_id == notice.case_id, CaseDecision.decided_at >= notice.acknowledged_at
    )
    return bool(db.session.scalar(select(later)))


def reopen(task_id: int, *, actor: Actor, now: datetime) -> Task:
    """Open a task again that one has just finished oneself. Raises RefusedError as above."""
    with transaction():
        enrolment_id = db.session.get_one(Task, task_id).enrolment_id
        if enrolment_id is not None:
            locked(Enrolment, enrolment_id)
        task = locked(Task, task_id)
        if not _is_just_done(task.done_at, task.done_by, actor, now):
            raise RefusedError(Code.NOT_ALLOWED, TOO_LATE)
        reopen_task(task, actor=actor, now=now)
        return task


def _is_just_done(at: datetime | None, by: int | None, actor: Actor, now: datetime) -> bool:
    return at is not None and by is not None and by == actor.staff_id and now - at <= UNDO_FOR
