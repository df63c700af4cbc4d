"""Writing marks: one submission a register, and corrections that keep what was there."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from programme_tracker.attendance.models import CorrectionRequest, Mark, RegisterSubmission
from programme_tracker.attendance.rules import OUTCOMES, Outcome, mark_faults
from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session


@dataclass(frozen=True)
class MarkDetails:
    """What is said of one person at one session."""

    outcome: Outcome
    reason: str | None = None
    evidence: str | None = None
    note: str | None = None
    arrived_at: datetime | None = None


def submission_with(token: str) -> RegisterSubmission | None:
    """Return the submission already made with this token, if any."""
    return db.session.scalars(select(RegisterSubmission).where(RegisterSubmission.token == token)).first()


def add_submission(session: Session, token: str, *, actor: Actor, now: datetime) -> RegisterSubmission:
    """Note that a session's register was submitted."""
    with transaction():
        submission = RegisterSubmission(
            session=session, token=token, submitted_at=now, submitted_by=actor.staff_id
        )
        db.session.add(submission)
        session.submitted_at, session.register_due_at = now, None
        db.session.flush()
        audit.record("register.submitted", submission, actor=actor, at=now, session_id=session.id)
        return submission


def add_mark(
    session: Session,
    enrolment: Enrolment,
    details: MarkDetails,
    *,
    actor: Actor,
    now: datetime,
    corrects: Mark | None = None,
    why: str | None = None,
    approved_by: int | None = None,
) -> Mark:
    """Write a mark; with ``corrects`` the old one stays but no longer stands.

    Raises RefusedError beside the field that is missing.
    """
    system_sets_it = OUTCOMES[details.outcome].system_only and actor.is_system
    if not system_sets_it:
        _refuse_faults(details, actor)
    with transaction():
        if corrects is not None:
            corrects.is_current = False
            db.session.flush()
        mark = Mark(
            session=session,
            enrolment_id=enrolment.id,
            **asdict(details),
            authorised_by=actor.staff_id if OUTCOMES[details.outcome].acceptable else None,
            recorded_at=now,
            recorded_by=actor.staff_id,
            approved_by=approved_by,
            corrects_id=corrects.id if corrects else None,
            why=why,
            is_current=True,
            was_mandated=enrolment.is_mandated,
            at_high_risk=enrolment.participant.risk == "high" or enrolment.participant.is_priority,
        )
        db.session.add(mark)
        db.session.flush()
        audit.record(
            "mark.corrected" if corrects else "mark.made",
            mark,
            actor=actor,
            at=now,
            enrolment_id=enrolment.id,
            session_id=session.id,
            outcome=details.outcome.value,
            approved_by=approved_by,
        )
        return mark


def _refuse_faults(details: MarkDetails, actor: Actor) -> None:
    faults = mark_faults(details.outcome, details.reason, details.evidence, details.note, actor.staff_id)
    for field, message in faults.items():
        raise RefusedError(Code.NOT_ALLOWED, message, field=field)


def add_correction_request(
    mark: Mark, details: MarkDetails, why: str, *, actor: Actor, now: datetime
) -> CorrectionRequest:
    """Keep a correction until a second person has agreed to it."""
    if actor.staff_id is None:
        raise RefusedError(Code.NOT_ALLOWED, "A correction is asked for by a person.")
    _refuse_faults(details, actor)
    with transaction():
        request = CorrectionRequest(
            mark=mark,
            outcome=details.outcome.value,
            reason=details.reason,
            evidence=details.evidence,
            note=details.note,
            why=why,
            requested_at=now,
            requested_by=actor.staff_id,
        )
        db.session.add(request)
        db.session.flush()
        audit.record(
            "correction.requested",
            request,
            actor=actor,
            at=now,
            enrolment_id=mark.enrolment_id,
            session_id=mark.session_id,
        )
        return request


def close_correction_request(
    request: CorrectionRequest, *, approved: bool, actor: Actor, now: datetime
) -> None:
    """Note how the second person decided. Raises RefusedError if somebody already has."""
    with transaction():
        if request.decided_at is not None:
            raise RefusedError(Code.NOT_ALLOWED, "Somebody has decided on this correction already.")
        request.decided_at, request.decided_by, request.was_approved = now, actor.staff_id, approved
        audit.record(
            "correction.decided",
            request,
            actor=actor,
            at=now,
            enrolment_id=request.mark.enrolment_id,
            approved=approved,
        )
