"""What police tell us, and telling everybody at once when danger is imminent."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.escalation.models import Notice
from programme_tracker.escalation.queries import unacknowledged_by_police, was_told_cannot_complete
from programme_tracker.escalation.rules import Addressee
from programme_tracker.escalation.services import NoticeDetails, acknowledge_notice
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.referrals.models import Enrolment, PoliceDecisionEntry
from programme_tracker.referrals.rules import (
    EnrolmentStatus,
    Gate,
    PoliceDecision,
    SuspensionReason,
    gate_is_open,
)
from programme_tracker.referrals.services import set_status
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.workflows.booking import give_up
from programme_tracker.workflows.deciding import settle_case
from programme_tracker.workflows.escalating import inform, person_facts
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.reassessing import plan_next_look
from programme_tracker.workflows.recipients import lead_for, victim_safety_for

#: Within this time the same words are a second press of the same button.
SAME_ALARM = timedelta(minutes=10)


def police_decision(
    enrolment_id: int,
    decision: PoliceDecision,
    *,
    actor: Actor,
    now: datetime,
    caution_expires_on: date | None = None,
    note: str | None = None,
) -> Enrolment:
    """Enter what police decided after a breach report or a re-arrest; never inferred (product.md §3).

    The case is settled and its flags cleared. "Charged" ends the enrolment; otherwise workshops may
    be booked again, by the new expiry where one is given.
    """
    require(
        actor,
        Role.POLICE,
        Role.CASEWORKER,
        Role.MANAGER,
        why="Only police, or the caseworker they told, enter their decision.",
    )
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        _refuse_decision(enrolment)
        _note_decision(enrolment, decision, caution_expires_on, note, actor, now)
        _answer_notices(enrolment, actor, now)
        settle_case(enrolment, f"police decided: {decision.value}", actor=actor, now=now)
        enrolment.police_decision = decision.value
        _become_decided(enrolment, decision, actor, now)
        if caution_expires_on is not None:
            enrolment.caution_expires_on = caution_expires_on
        if decision is PoliceDecision.CHARGED:
            for booking in live_bookings(enrolment.id):
                if booking.session.starts_at > now:
                    give_up(booking, "police charged", actor=actor, now=now)
        plan_next_look(enrolment, now)
        return enrolment


def awaits_decision(enrolment: Enrolment) -> bool:
    """Tell whether police were asked to decide: a breach, a re-arrest, or workshops that no longer fit."""
    suspended = enrolment.status == EnrolmentStatus.SUSPENDED
    rearrested = suspended and enrolment.suspension_reason == SuspensionReason.REARREST
    stood = enrolment.status_before_suspension if suspended else enrolment.status
    asked = stood == EnrolmentStatus.BREACH_REPORTED or rearrested
    return enrolment.is_mandated and (asked or _cannot_complete_reported(enrolment))


def _become_decided(enrolment: Enrolment, decision: PoliceDecision, actor: Actor, now: datetime) -> None:
    """Move an enrolment on. A suspension that the re-arrest did not cause outlasts the decision."""
    if enrolment.status == EnrolmentStatus.SUSPENDED and decision is not PoliceDecision.CHARGED:
        if not gate_is_open(Gate(enrolment.gate)):
            enrolment.suspension_reason = SuspensionReason.SIGN_OFF_WITHDRAWN
        if enrolment.suspension_reason != SuspensionReason.REARREST:
            enrolment.status_before_suspension = EnrolmentStatus.BREACH_DECIDED
            return
    enrolment.suspension_reason = enrolment.status_before_suspension = None
    set_status(enrolment, EnrolmentStatus.BREACH_DECIDED, actor=actor, now=now)


def _answer_notices(enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    """Count police's notices as acknowledged: whoever has decided has read them."""
    for notice in unacknowledged_by_police(enrolment.id):
        acknowledge_notice(notice, actor=actor, now=now)


def _refuse_decision(enrolment: Enrolment) -> None:
    if not awaits_decision(enrolment):
        raise RefusedError(Code.NOT_ALLOWED, "Police have not been asked to decide on this.")


def _cannot_complete_reported(enrolment: Enrolment) -> bool:
    """Tell whether police were told that the workshops no longer fit: they may vary the caution."""
    return was_told_cannot_complete(enrolment.id)


def _note_decision(
    enrolment: Enrolment,
    decision: PoliceDecision,
    caution_expires_on: date | None,
    note: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    entry = PoliceDecisionEntry(
        enrolment_id=enrolment.id,
        decision=decision.value,
        caution_expires_on=caution_expires_on,
        note=note,
        decided_at=now,
        entered_by=actor.staff_id,
    )
    db.session.add(entry)
    db.session.flush()
    audit.record(
        "police.decided",
        entry,
        actor=actor,
        at=now,
        enrolment_id=enrolment.id,
        decision=decision.value,
        caution_expires_on=caution_expires_on,
    )


def _alarm_given(enrolment_id: int, reason: str, now: datetime) -> bool:
    given = select(Notice).where(
        Notice.enrolment_id == enrolment_id, Notice.kind == "danger", Notice.planned_at > now - SAME_ALARM
    )
    return any(notice.facts.get("reason") == reason for notice in db.session.scalars(given))


def danger(enrolment_id: int, reason: str, *, actor: Actor, now: datetime) -> None:
    """Tell everybody at once that danger is imminent: the usual order is waived, and recorded.

    Telephone police as well: this does not replace 999 (product.md §8.6). The same words again
    within ten minutes are one alarm.
    """
    if not reason.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say what the danger is.", field="reason")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        if _alarm_given(enrolment_id, reason, now):
            return
        details = NoticeDetails(
            kind="danger",
            enrolment_id=enrolment.id,
            facts=person_facts(enrolment) | {"reason": reason, "danger": reason},
        )
        addressees = [
            victim_safety_for(enrolment, now),
            Addressee("enforcement"),
            lead_for(enrolment, now),
            Addressee("manager"),
        ]
        if enrolment.officer_id is not None:
            addressees.append(Addressee("police", enrolment.officer_id))
        inform(details, addressees, now=now, actor=actor, out_of_order=True)
