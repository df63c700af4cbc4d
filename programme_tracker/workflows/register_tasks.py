"""A register that nobody submitted is a safety event: its facilitators are asked for it."""

from datetime import datetime

from programme_tracker.kernel.working_time import local_date
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import booked_on
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task


def register_due(session: Session, *, now: datetime) -> None:
    """Ask for a register still missing at noon of the next working day (product.md §6).

    A session on which nobody is booked needs none. The manager's page shows what is missing.
    """
    session.register_due_at = None
    if session.submitted_at is not None or session.cancelled_at is not None:
        return
    if not booked_on(session.id):
        return
    people: list[int | None] = [person.id for person in session.staff]
    for staff_id in people or [None]:
        create_task(
            TaskKind.SUBMIT_REGISTER,
            to="facilitator",
            staff_id=staff_id,
            session_id=session.id,
            why="This register has not been submitted. Nobody knows yet who came.",
            due_on=local_date(now),
            now=now,
        )
