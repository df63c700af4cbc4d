"""Finishing a task by hand, and what else that records."""

from datetime import datetime

from programme_tracker.escalation.services import open_case
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.referrals.models import Enrolment
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.tasks.services import finish_task
from programme_tracker.workflows.deciding import waits_for_a_person
from programme_tracker.workflows.journeys import record_contact

#: Finished by doing what they ask for on its own page, never by a note.
BY_DOING = frozenset(
    {
        TaskKind.SIGN_OFF.value,
        TaskKind.SUBMIT_REGISTER.value,
        TaskKind.PARTNER_CONTACT.value,
        TaskKind.PARTNER_ASSESSMENT.value,
    }
)


def finish(task_id: int, how: str, *, spoke: bool = False, actor: Actor, now: datetime) -> Task:
    """Finish a task, saying how; ``spoke`` records a contact with the participant as well.

    Raises RefusedError for a task that is finished on its own page, and for an empty ``how``. A held
    notice that nothing sends by itself is never left to a note (product.md §8.2).
    A task that is done already stays as it is.
    """
    if not how.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say what you did.", field="how")
    with transaction():
        enrolment_id = db.session.get_one(Task, task_id).enrolment_id
        if enrolment_id is not None:
            locked(Enrolment, enrolment_id)  # before the task, as every workflow does
        task = locked(Task, task_id)
        if task.kind in BY_DOING or _awaits_decision(task):
            raise RefusedError(Code.NOT_ALLOWED, "This is finished by doing it. Open its page.")
        if task.done_at is not None:
            return task
        if spoke and task.enrolment_id is not None:
            record_contact(task.enrolment_id, "call", how, outcome="spoke", actor=actor, now=now)
        finish_task(task, how=how, actor=actor, now=now)
        return task


def _awaits_decision(task: Task) -> bool:
    """Tell whether a task asks for the decision without which a held notice stays where it is."""
    if task.kind != TaskKind.DECIDE_HOLD or task.enrolment_id is None:
        return False
    case = open_case(task.enrolment_id)
    return case is not None and waits_for_a_person(case)
