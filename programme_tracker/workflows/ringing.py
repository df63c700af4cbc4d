"""Asking somebody to ring, where no text will tell the person."""

from datetime import datetime

from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.working_time import local_date
from programme_tracker.referrals.models import Enrolment
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.workflows.recipients import lead_for


def ring(enrolment: Enrolment, session_id: int | None, why: str, *, now: datetime) -> None:
    """Ask the lead to ring the participant, today or before the session."""
    create_task(
        TaskKind.CALL_PARTICIPANT,
        to="lead",
        staff_id=lead_for(enrolment, now).staff_id,
        enrolment_id=enrolment.id,
        session_id=session_id,
        why=why,
        due_on=local_date(now),
        now=now,
        actor=SYSTEM,
    )
