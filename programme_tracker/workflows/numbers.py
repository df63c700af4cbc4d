"""Whether a number may be used for texts, asked of every room that could say no."""

from datetime import datetime

from programme_tracker.escalation.rules import Addressee
from programme_tracker.escalation.services import NoticeDetails
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.numbers import normalise
from programme_tracker.people.models import Participant
from programme_tracker.people.queries import shares_number, with_number
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.referrals.services import is_over
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks
from programme_tracker.victim_safety.services import guards_of
from programme_tracker.workflows.escalating import inform
from programme_tracker.workflows.recipients import lead_for

UNUSABLE = "This number cannot be used. Contact victim safety."


def usable_number(text: str | None, person: Participant | None, *, actor: Actor, now: datetime) -> str | None:
    """Return a typed number in E.164, or None for an empty one.

    Raises RefusedError beside the field for a number no text may go to. A partner's safe number
    is refused without a reason and victim safety is told (product.md §9); that notice is kept,
    so call this before the transaction of the change itself.
    """
    if not (text or "").strip():
        return None
    number = normalise(text or "", allow_drama=current_settings().demo)
    if not number.is_textable:
        raise RefusedError(Code.NUMBER_UNUSABLE, number.reason, field="mobile")
    partners = guards_of(number.e164)
    if partners:
        _tell_victim_safety([partner.worker_id for partner in partners], person, actor, now)
        raise RefusedError(Code.NUMBER_UNUSABLE, UNUSABLE, field="mobile")
    return number.e164


def _tell_victim_safety(
    worker_ids: list[int | None], person: Participant | None, actor: Actor, now: datetime
) -> None:
    enrolments = enrolments_of(person.id) if person else []
    facts = {"name": person.name if person else None, "reason": "A number was refused: it is protected."}
    details = NoticeDetails(
        kind="number_conflict", enrolment_id=enrolments[-1].id if enrolments else None, facts=facts
    )
    with transaction():
        inform(
            details,
            [Addressee("victim_safety", worker_id) for worker_id in dict.fromkeys(worker_ids)],
            now=now,
            actor=actor,
        )


def check_shared_number(person: Participant, *, now: datetime) -> None:
    """Ask the leads to check a number that two participants have, or end that task when they no longer do."""
    with transaction():
        if not shares_number(person):
            return
        for sharer in with_number(person.mobile or ""):
            for enrolment in _live(sharer):
                ask_to_check(enrolment, "Another participant has this number too.", now=now)


def ask_to_check(enrolment: Enrolment, why: str, *, now: datetime) -> None:
    """Make a task for the lead to check a participant's number."""
    create_task(
        TaskKind.CHECK_NUMBER,
        to="lead",
        staff_id=lead_for(enrolment, now).staff_id,
        enrolment_id=enrolment.id,
        why=why,
        due_on=local_date(now),
        now=now,
    )


def finish_checks(person: Participant, how: str, *, actor: Actor, now: datetime) -> None:
    """Finish the number checks of a person whose number is settled."""
    for enrolment in _live(person):
        finish_tasks(TaskKind.CHECK_NUMBER, how=how, actor=actor, now=now, enrolment_id=enrolment.id)


def _live(person: Participant) -> list[Enrolment]:
    return [enrolment for enrolment in enrolments_of(person.id) if not is_over(enrolment)]
