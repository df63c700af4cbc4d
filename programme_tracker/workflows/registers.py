"""Submitting and correcting registers, and everything that follows, in one commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from programme_tracker.accounts.models import Staff
from programme_tracker.attendance import services as attendance
from programme_tracker.attendance.models import CorrectionRequest, RegisterSubmission
from programme_tracker.attendance.queries import mark_of, open_request
from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel.actor import SYSTEM, Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import was_suspended_at
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import booked_on
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import finish_tasks
from programme_tracker.workflows.credits import apply_correction, apply_outcome
from programme_tracker.workflows.escalating import bring_up_to_date
from programme_tracker.workflows.permissions import DELIVERY, require
from programme_tracker.workflows.reassessing import Reassessment, reassess
from programme_tracker.workflows.texting import drop_planned


@dataclass(frozen=True)
class SubmittedRegister:
    """A submitted register; ``again`` when the same submission had come before."""

    submission: RegisterSubmission
    again: bool = False


def submit_register(
    session_id: int,
    marks: Mapping[int, MarkDetails],
    *,
    token: str,
    actor: Actor,
    now: datetime,
) -> SubmittedRegister:
    """Submit a session's register: outcomes, flags, cases, notices and texts, once.

    ``marks`` are by enrolment; everybody booked and not named attended, and whoever was suspended
    when the session began is excused by the system. The same ``token`` twice is one submission.
    Raises RefusedError if the session has not begun, was cancelled, or another register was
    submitted meanwhile.
    """
    require(actor, *DELIVERY, why="Only those who run the session submit its register.")
    with transaction():
        session = locked(Session, session_id)
        known = attendance.submission_with(token)
        if known is not None:
            return SubmittedRegister(known, again=True)
        _refuse_register(session, now)
        people = {booking.enrolment_id: booking for booking in booked_on(session.id)}
        strangers = set(marks) - set(people)
        if strangers:
            raise RefusedError(Code.NOT_ALLOWED, "Somebody marked is not booked on this session.")
        submission = attendance.add_submission(session, token, actor=actor, now=now)
        for enrolment_id in sorted(people):
            _mark_one(session, enrolment_id, marks.get(enrolment_id), actor=actor, now=now)
        finish_tasks(TaskKind.SUBMIT_REGISTER, how="submitted", actor=actor, now=now, session_id=session.id)
        return SubmittedRegister(submission)


def _refuse_register(session: Session, now: datetime) -> None:
    if session.cancelled_at is not None:
        raise RefusedError(Code.NOT_ALLOWED, "This session was cancelled, so it has no register.")
    if session.starts_at > now:
        raise RefusedError(Code.NOT_ALLOWED, "This session has not begun yet.")
    if session.submitted_at is not None:
        raise RefusedError(
            Code.NOT_ALLOWED, "This register was submitted already. Correct the marks one by one."
        )


def _mark_one(
    session: Session,
    enrolment_id: int,
    details: MarkDetails | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    enrolment = locked(Enrolment, enrolment_id)
    if _was_over(enrolment, session.starts_at):
        return
    who = actor
    if was_suspended_at(enrolment.id, session.starts_at):
        details, who = MarkDetails(Outcome.EXCUSED_SUSPENDED), SYSTEM
    mark = attendance.add_mark(
        session, enrolment, details or MarkDetails(Outcome.ATTENDED), actor=who, now=now
    )
    drop_planned(session, enrolment, "the register was submitted", actor=actor, now=now)
    apply_outcome(enrolment, mark, actor=actor, now=now)
    reassess(enrolment, now=now, touched={session.id}, actor=actor)


def _was_over(enrolment: Enrolment, moment: datetime) -> bool:
    """Tell whether an enrolment had ended by then: who missed a session and left later did miss it."""
    return is_over(enrolment) and (enrolment.ended_at is None or enrolment.ended_at <= moment)


def correct(
    session_id: int,
    enrolment_id: int,
    details: MarkDetails,
    *,
    why: str,
    actor: Actor,
    now: datetime,
    approved_by: Actor | None = None,
) -> Reassessment:
    """Correct one mark; the original stays, and everything that followed from it is looked at again.

    Where somebody beyond victim safety was told already, a second person must approve: raises
    RefusedError ``needs_approval`` without one (product.md §6).
    """
    require(actor, *DELIVERY, why="Ask the facilitator or caseworker to correct this.")
    with transaction():
        session = locked(Session, session_id)
        enrolment = locked(Enrolment, enrolment_id)
        mark = mark_of(session_id, enrolment_id)
        if mark is None:
            raise RefusedError(Code.NOT_ALLOWED, "There is no mark to correct: submit the register first.")
        if session.cancelled_at is not None:
            raise RefusedError(Code.NOT_ALLOWED, "We cancelled this session, so nobody missed it.")
        approver = _approver(approved_by, actor)
        corrected = attendance.add_mark(
            session,
            enrolment,
            details,
            actor=actor,
            now=now,
            corrects=mark,
            why=why,
            approved_by=approver.staff_id if approver else None,
        )
        outcome = reassess(enrolment, now=now, touched={session.id}, actor=actor)
        if approver is None and outcome.undoes_what_left:
            raise RefusedError(
                Code.NEEDS_APPROVAL,
                "Somebody outside was told of this. A second person must approve the correction.",
            )
        bring_up_to_date(corrected, actor=actor, now=now)
        apply_correction(enrolment, mark, corrected, actor=actor, now=now)
        return outcome


def _approver(approved_by: Actor | None, actor: Actor) -> Actor | None:
    """Return the second person, if there is one who may be: not the one who corrects."""
    if approved_by is None or approved_by.staff_id == actor.staff_id:
        return None
    return approved_by if approved_by.has(*DELIVERY) else None


def request_correction(
    session_id: int,
    enrolment_id: int,
    details: MarkDetails,
    *,
    why: str,
    actor: Actor,
    now: datetime,
) -> CorrectionRequest | Reassessment:
    """Correct a mark at once, or keep the correction for a second person where it needs one.

    The same correction asked for twice is one. Raises RefusedError while another one waits.
    """
    try:
        return correct(session_id, enrolment_id, details, why=why, actor=actor, now=now)
    except RefusedError as refused:
        if refused.code is not Code.NEEDS_APPROVAL:
            raise
    with transaction():
        locked(Session, session_id)
        mark = mark_of(session_id, enrolment_id)
        if mark is None:
            raise RefusedError(Code.NOT_ALLOWED, "There is no mark to correct.")
        waiting = open_request(mark.id)
        if waiting is not None:
            return _same_request(waiting, details, actor)
        return attendance.add_correction_request(mark, details, why, actor=actor, now=now)


def _same_request(waiting: CorrectionRequest, details: MarkDetails, actor: Actor) -> CorrectionRequest:
    if waiting.requested_by != actor.staff_id or waiting.outcome != details.outcome.value:
        raise RefusedError(
            Code.NOT_ALLOWED, "Another correction of this mark waits for a manager. Ask them to decide first."
        )
    return waiting


def decide_correction(request_id: int, *, approve: bool, actor: Actor, now: datetime) -> CorrectionRequest:
    """Approve or refuse a correction that waits; never by the person who asked for it."""
    require(actor, Role.MANAGER, why="A manager approves corrections of what was already reported.")
    with transaction():
        request = locked(CorrectionRequest, request_id)
        if request.requested_by == actor.staff_id:
            raise RefusedError(Code.NEEDS_APPROVAL, "A second person must approve your correction.")
        attendance.close_correction_request(request, approved=approve, actor=actor, now=now)
        if approve:
            _apply_request(request, approver=actor, now=now)
        return request


def _apply_request(request: CorrectionRequest, *, approver: Actor, now: datetime) -> None:
    mark = request.mark
    if not mark.is_current:
        raise RefusedError(Code.NOT_ALLOWED, "The mark was corrected meanwhile. Look at it again.")
    requester = db.session.get_one(Staff, request.requested_by).actor
    details = MarkDetails(Outcome(request.outcome), request.reason, request.evidence, request.note)
    correct(
        mark.session_id,
        mark.enrolment_id,
        details,
        why=request.why,
        actor=requester,
        now=now,
        approved_by=approver,
    )
