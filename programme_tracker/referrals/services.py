"""Writing referrals, enrolments, the gate and the status, each change with its history row."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import seal
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.people.finding.services import find_by_caution
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, GateDecision, Referral, StatusChange
from programme_tracker.referrals.rules import (
    EnrolmentStatus,
    Gate,
    PoliceDecision,
    ReferralStatus,
    has_ended,
    may_change,
)


@dataclass(frozen=True)
class ReferralDetails:
    """What a referrer says. Dates are those printed on the caution."""

    programme_code: str
    route: str
    referrer_id: int
    lead_id: int | None = None
    worker_id: int | None = None
    officer_id: int | None = None
    is_mandated: bool = False
    caution_reference: str | None = None
    caution_issued_on: date | None = None
    caution_expires_on: date | None = None
    answers: dict[str, str] = field(default_factory=dict)
    request_key: str | None = None


def add_referral(
    person: Participant,
    details: ReferralDetails,
    status: ReferralStatus,
    reasons: list[str],
    *,
    actor: Actor,
    now: datetime,
) -> Referral:
    """Store a referral with what was decided on it and why."""
    with transaction():
        referral = Referral(
            participant=person,
            programme_code=details.programme_code,
            status=status.value,
            route=details.route,
            referrer_id=details.referrer_id,
            caution_reference=details.caution_reference,
            caution_issued_on=details.caution_issued_on,
            caution_expires_on=details.caution_expires_on,
            is_mandated=details.is_mandated,
            answers=details.answers,
            reasons=reasons,
            received_at=now,
            decided_at=now if status is ReferralStatus.REJECTED else None,
            decided_by=actor.staff_id if status is ReferralStatus.REJECTED else None,
            request_key=details.request_key,
        )
        db.session.add(referral)
        find_by_caution(person.id, details.caution_reference)
        audit.record(
            "referral.received", referral, actor=actor, at=now, status=status.value, to=details.programme_code
        )
        return referral


def add_enrolment(referral: Referral, details: ReferralDetails, *, actor: Actor, now: datetime) -> Enrolment:
    """Give an accepted referral its enrolment: waiting, with the gate pending."""
    with transaction():
        enrolment = Enrolment(
            referral=referral,
            participant=referral.participant,
            programme_code=referral.programme_code,
            status=EnrolmentStatus.WAITLISTED.value,
            gate=Gate.PENDING.value,
            is_mandated=details.is_mandated,
            lead_id=details.lead_id,
            worker_id=details.worker_id,
            officer_id=details.officer_id,
            referrer_id=details.referrer_id,
            caution_reference=details.caution_reference,
            caution_issued_on=details.caution_issued_on,
            caution_expires_on=details.caution_expires_on,
            created_at=now,
        )
        db.session.add(enrolment)
        db.session.flush()
        _note_status(enrolment, None, EnrolmentStatus.WAITLISTED.value, None, actor, now)
        _note_gate(enrolment, Gate.PENDING.value, None, actor, now)
        return enrolment


def set_gate(
    enrolment: Enrolment, gate: Gate, *, actor: Actor, now: datetime, reason: str | None = None
) -> None:
    """Write victim safety's answer. Raises RefusedError for a step the gate cannot take."""
    with transaction():
        if not may_change(Gate(enrolment.gate), gate):
            raise RefusedError(
                Code.NOT_ALLOWED, f"The sign-off is {enrolment.gate} and cannot become {gate.value}."
            )
        enrolment.gate = gate.value
        _note_gate(enrolment, gate.value, reason, actor, now)


def set_status(
    enrolment: Enrolment,
    status: EnrolmentStatus,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Change where an enrolment stands; the same status again changes nothing.

    Raises RefusedError for a step that product.md §3 does not have.
    """
    with transaction():
        before = EnrolmentStatus(enrolment.status)
        if before is status:
            return
        if not may_change(before, status):
            raise RefusedError(
                Code.NOT_ALLOWED, f"An enrolment that is {before.value} cannot become {status.value}."
            )
        enrolment.status = status.value
        ended = has_ended(status, decision_of(enrolment))
        enrolment.ended_at = (enrolment.ended_at or now) if ended else None
        if status is EnrolmentStatus.ENROLLED and enrolment.enrolled_at is None:
            enrolment.enrolled_at = now
        if status is EnrolmentStatus.ATTENDING and enrolment.started_at is None:
            enrolment.started_at = now
        _note_status(enrolment, before.value, status.value, reason, actor, now)


def decision_of(enrolment: Enrolment) -> PoliceDecision | None:
    """Return what police last decided on this enrolment, if anything."""
    return PoliceDecision(enrolment.police_decision) if enrolment.police_decision else None


def is_over(enrolment: Enrolment) -> bool:
    """Tell whether an enrolment has ended."""
    return has_ended(EnrolmentStatus(enrolment.status), decision_of(enrolment))


def has_left(enrolment: Enrolment) -> bool:
    """Tell whether an enrolment ended without being completed."""
    return is_over(enrolment) and enrolment.status != EnrolmentStatus.COMPLETED


def _note_status(
    enrolment: Enrolment,
    before: str | None,
    after: str,
    reason: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    db.session.add(
        StatusChange(
            enrolment_id=enrolment.id,
            from_status=before,
            to_status=after,
            reason=reason,
            changed_at=now,
            changed_by=actor.staff_id,
        )
    )
    audit.record("enrolment.status", enrolment, actor=actor, at=now, enrolment_id=enrolment.id, status=after)


def _note_gate(enrolment: Enrolment, gate: str, reason: str | None, actor: Actor, now: datetime) -> None:
    """Add an answer of the gate; a manager's reason alone is kept as it was typed."""
    is_open = gate == Gate.NOT_APPLICABLE
    entry = GateDecision(
        enrolment_id=enrolment.id,
        decision=gate,
        reason=reason if is_open else None,
        decided_at=now,
        decided_by=actor.staff_id,
    )
    db.session.add(entry)
    db.session.flush()
    if reason and not is_open:
        entry.reason_sealed = seal(reason, "gate_decisions", entry.id, "reason")
    audit.record("gate.changed", enrolment, actor=actor, at=now, enrolment_id=enrolment.id, gate=gate)


def seal_old_reasons() -> int:
    """Seal the reasons of victim safety that an earlier version kept open; return how many."""
    with transaction():
        found = select(GateDecision).where(
            GateDecision.reason.is_not(None), GateDecision.decision != Gate.NOT_APPLICABLE.value
        )
        rows = db.session.scalars(found.with_for_update()).all()
        for row in rows:
            row.reason_sealed = seal(row.reason or "", "gate_decisions", row.id, "reason")
            row.reason = None
        return len(rows)


def set_referral_status(
    referral: Referral, status: ReferralStatus, reasons: list[str], *, actor: Actor, now: datetime
) -> None:
    """Decide on a referral. Raises RefusedError if it was decided already."""
    with transaction():
        before = ReferralStatus(referral.status)
        if not may_change(before, status):
            raise RefusedError(
                Code.NOT_ALLOWED, f"This referral is {before.value.replace('_', ' ')} already."
            )
        referral.status, referral.reasons = status.value, reasons
        is_decided = status in {ReferralStatus.ACCEPTED, ReferralStatus.REJECTED}
        referral.decided_at, referral.decided_by = (now, actor.staff_id) if is_decided else (None, None)
        audit.record("referral.decided", referral, actor=actor, at=now, status=status.value)


def set_answers(referral: Referral, answers: dict[str, str], *, actor: Actor, now: datetime) -> None:
    """Store what a referrer has answered since; earlier answers to other questions stay."""
    with transaction():
        referral.answers = {**referral.answers, **answers}
        audit.record("referral.answered", referral, actor=actor, at=now, questions=sorted(answers))


def set_person(referral: Referral, person: Participant, *, actor: Actor, now: datetime) -> None:
    """Say that a referral is about somebody known already."""
    with transaction():
        referral.participant = person
        db.session.flush()
        find_by_caution(person.id, referral.caution_reference)
        audit.record("referral.person_known", referral, actor=actor, at=now, reference=person.reference)
