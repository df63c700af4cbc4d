"""Suspending and resuming: neutral for engagement, silent to the participant."""

from datetime import datetime

from programme_tracker.escalation.rules import Addressee
from programme_tracker.escalation.services import NoticeDetails
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, SuspensionReason, gate_is_open
from programme_tracker.referrals.services import is_over, set_status
from programme_tracker.workflows.credits import complete_if_due
from programme_tracker.workflows.escalating import inform, person_facts
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.reassessing import plan_next_look
from programme_tracker.workflows.recipients import lead_for, victim_safety_for
from programme_tracker.workflows.telling_again import plan_lost_texts

MAY_SUSPEND = (Role.CASEWORKER, Role.MANAGER, Role.VICTIM_SAFETY)
MAY_BE_SUSPENDED = frozenset(
    {
        EnrolmentStatus.WAITLISTED,
        EnrolmentStatus.ENROLLED,
        EnrolmentStatus.ATTENDING,
        EnrolmentStatus.BREACH_REPORTED,
        EnrolmentStatus.BREACH_DECIDED,
    }
)


def suspend(enrolment_id: int, reason: SuspensionReason, *, actor: Actor, now: datetime) -> None:
    """Suspend an enrolment: no absences, no texts, no timers but the caution's."""
    require(actor, *MAY_SUSPEND, why="Ask the caseworker or victim safety to suspend this.")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        if enrolment.status not in MAY_BE_SUSPENDED:
            raise RefusedError(Code.NOT_ALLOWED, "Only an enrolment that is under way can be suspended.")
        _suspend(enrolment, reason, actor, now)
        tell = [victim_safety_for(enrolment, now), lead_for(enrolment, now), Addressee("manager")]
        _tell(enrolment, tell, actor, now)


def suspend_for_gate(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Suspend because victim safety withdrew its sign-off; facilitators see only "suspended"."""
    _suspend(enrolment, SuspensionReason.SIGN_OFF_WITHDRAWN, actor, now)
    _tell(enrolment, [lead_for(enrolment, now), Addressee("manager")], actor, now)


def _suspend(enrolment: Enrolment, reason: SuspensionReason, actor: Actor, now: datetime) -> None:
    enrolment.status_before_suspension = enrolment.status
    enrolment.suspension_reason = reason.value
    set_status(enrolment, EnrolmentStatus.SUSPENDED, actor=actor, now=now)
    plan_next_look(enrolment, now)


def _tell(enrolment: Enrolment, addressees: list[Addressee], actor: Actor, now: datetime) -> None:
    details = NoticeDetails(kind="suspended", enrolment_id=enrolment.id, facts=person_facts(enrolment))
    inform(details, addressees, now=now, actor=actor)


def resume(enrolment_id: int, *, actor: Actor, now: datetime) -> None:
    """Resume a suspended enrolment where it was; only with the sign-off granted."""
    require(actor, *MAY_SUSPEND, why="Ask the caseworker to resume this.")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        if enrolment.status != EnrolmentStatus.SUSPENDED:
            raise RefusedError(Code.NOT_ALLOWED, "This enrolment is not suspended.")
        if not gate_is_open(Gate(enrolment.gate)):
            raise RefusedError(Code.GATE_NOT_GRANTED, "Victim safety must sign this off again first.")
        if enrolment.suspension_reason == SuspensionReason.REARREST:
            raise RefusedError(
                Code.NOT_ALLOWED, "Suspended since a re-arrest: enter the police decision first."
            )
        lift_suspension(enrolment, actor=actor, now=now)
        complete_if_due(enrolment, actor=actor, now=now)


def lift_suspension(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Bring an enrolment back to the status it had before it was suspended."""
    before = enrolment.status_before_suspension or EnrolmentStatus.WAITLISTED
    enrolment.suspension_reason = enrolment.status_before_suspension = None
    set_status(enrolment, EnrolmentStatus(before), actor=actor, now=now)
    # A reminder whose moment passed meanwhile is not sent late; a move unheard of must be told.
    plan_lost_texts(enrolment.participant_id, actor=actor, now=now, reminders=False)
    plan_next_look(enrolment, now)


def rearrest(participant_id: int, *, actor: Actor, now: datetime) -> None:
    """Record a re-arrest: victim safety first, then mandated enrolments wait for police.

    Every mandated enrolment in its caution period is suspended; one that was completed stays so
    (product.md §3).
    """
    require(actor, *MAY_SUSPEND, Role.POLICE, why="Ask the caseworker to record this.")
    with transaction():
        for enrolment in enrolments_of(participant_id):
            enrolment = locked(Enrolment, enrolment.id)
            if _in_caution_period(enrolment, now):
                _rearrested(enrolment, actor, now)


def _in_caution_period(enrolment: Enrolment, now: datetime) -> bool:
    completed = enrolment.status == EnrolmentStatus.COMPLETED
    expires_on = enrolment.caution_expires_on
    in_time = expires_on is None or local_date(now) <= expires_on
    return enrolment.is_mandated and in_time and (completed or not is_over(enrolment))


def _rearrested(enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    details = NoticeDetails(kind="rearrest", enrolment_id=enrolment.id, facts=person_facts(enrolment))
    inform(details, [victim_safety_for(enrolment, now)], now=now, actor=actor)
    if enrolment.status in MAY_BE_SUSPENDED:
        _suspend(enrolment, SuspensionReason.REARREST, actor, now)
    elif enrolment.status == EnrolmentStatus.SUSPENDED:
        # Whatever it was suspended for, it now waits for police.
        enrolment.suspension_reason = SuspensionReason.REARREST
    others = [lead_for(enrolment, now), Addressee("manager")]
    if enrolment.officer_id is not None:
        others.insert(0, Addressee("police", enrolment.officer_id))
    inform(details, others, now=now, actor=actor)
