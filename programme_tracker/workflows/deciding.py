"""Acknowledging, deciding, holding, releasing and chasing: the loop that must close."""

from datetime import datetime

from programme_tracker.engagement.models import Flag, FlagState
from programme_tracker.engagement.queries import open_flags
from programme_tracker.engagement.services import clear_flag, end_flag
from programme_tracker.escalation.models import Case, CaseDecision, Decision, Notice
from programme_tracker.escalation.queries import acknowledgeable, unacknowledged_for, unreleased
from programme_tracker.escalation.rules import Addressee, latest_hold, manager_chase_at
from programme_tracker.escalation.services import (
    NoticeDetails,
    acknowledge_notice,
    add_decision,
    close_case,
    cosign,
    decline,
    open_case,
)
from programme_tracker.kernel.actor import SYSTEM, Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus
from programme_tracker.referrals.services import is_over, set_status
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks
from programme_tracker.workflows.escalating import close_groundless_case, inform, release_notice
from programme_tracker.workflows.monitoring import start_monitoring
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.reassessing import plan_next_look
from programme_tracker.workflows.recipients import deputy_of

CALENDAR = WorkingCalendar()


def acknowledge(enrolment_id: int, *, actor: Actor, now: datetime) -> int:
    """Acknowledge every open notice on an enrolment that is this person's to read; return how many."""
    with transaction():
        locked(Enrolment, enrolment_id)
        notices = unacknowledged_for(enrolment_id, actor)
        if not notices:
            raise RefusedError(Code.NOT_ALLOWED, "There is nothing here for you to acknowledge.")
        for notice in notices:
            acknowledge_notice(notice, actor=actor, now=now)
        return len(notices)


def acknowledge_one(notice_id: int, *, actor: Actor, now: datetime) -> Notice:
    """Acknowledge one notice. Raises RefusedError if it is not addressed to this person."""
    with transaction():
        notice = locked(Notice, notice_id)
        if not acknowledgeable(notice, actor):
            raise RefusedError(Code.NOT_ALLOWED, "This notice is addressed to somebody else.")
        acknowledge_notice(notice, actor=actor, now=now)
        return notice


def decide(
    enrolment_id: int,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    hold_until: datetime | None = None,
    cosigned_by: Actor | None = None,
) -> CaseDecision:
    """Write victim safety's decision on the open case and do what it says (product.md §8.2).

    Proceeding releases what waits. A hold needs a reason, a review time and a manager's
    co-signature. Deciding acknowledges: whoever decides has read the notice.
    """
    require(actor, Role.VICTIM_SAFETY, why="Only victim safety decides on a case.")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        case = _open_case(enrolment)
        if decision is Decision.HOLD:
            _check_hold(enrolment, reason, hold_until, now)
            _check_cosigner(cosigned_by)
        entry = add_decision(case, decision, reason, hold_until, actor=actor, now=now)
        finish_tasks(
            TaskKind.DECIDE_HOLD, how=decision.value, actor=actor, now=now, enrolment_id=enrolment_id
        )
        _acknowledge_asked(enrolment_id, actor, now)
        if decision is Decision.HOLD and cosigned_by is not None:
            put_on_hold(entry, cosigned_by=cosigned_by, now=now)
        else:
            _proceed(case, actor=actor, now=now)
        return entry


def _acknowledge_asked(enrolment_id: int, actor: Actor, now: datetime) -> None:
    """Acknowledge what asks to be; what only informs was not on the page of the case and stays unread."""
    for notice in unacknowledged_for(enrolment_id, actor):
        if notice.must_acknowledge:
            acknowledge_notice(notice, actor=actor, now=now)


def _open_case(enrolment: Enrolment) -> Case:
    case = open_case(enrolment.id)
    if case is None:
        raise RefusedError(Code.NOT_ALLOWED, "There is no open case to decide on.")
    return case


def _check_hold(enrolment: Enrolment, reason: str | None, hold_until: datetime | None, now: datetime) -> None:
    if not unreleased(_open_case(enrolment).id):
        raise RefusedError(Code.NOT_ALLOWED, "Everybody has been told already: nothing is left to hold.")
    if hold_until is None or hold_until <= now:
        raise RefusedError(Code.NOT_ALLOWED, "Enter when the hold is reviewed.", field="hold_until")
    if not (reason or "").strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why the notice is held.", field="reason")
    latest = latest_hold(now, enrolment.is_mandated, policy_at(now).general, CALENDAR)
    if latest is not None and hold_until > latest:
        raise RefusedError(
            Code.NOT_ALLOWED,
            "A mandated case can be held for one working day at most. Enter an earlier time.",
            field="hold_until",
        )


def _check_cosigner(cosigned_by: Actor | None) -> None:
    if cosigned_by is None or not cosigned_by.has(Role.MANAGER):
        raise RefusedError(Code.NEEDS_COSIGNATURE, "A manager must sign a hold as well.")


def propose_hold(
    enrolment_id: int, *, reason: str, hold_until: datetime, actor: Actor, now: datetime
) -> CaseDecision:
    """Ask a manager to sign a hold; until then nothing is held and every deadline stands."""
    require(actor, Role.VICTIM_SAFETY, why="Only victim safety decides on a case.")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        case = _open_case(enrolment)
        _check_hold(enrolment, reason, hold_until, now)
        entry = add_decision(case, Decision.HOLD, reason, hold_until, actor=actor, now=now)
        _acknowledge_asked(enrolment_id, actor, now)
        create_task(
            TaskKind.DECIDE_HOLD,
            to="manager",
            enrolment_id=enrolment_id,
            why="Victim safety asks you to sign a hold.",
            due_on=local_date(now),
            now=now,
        )
        return entry


def cosign_hold(decision_id: int, *, agree: bool, actor: Actor, now: datetime) -> CaseDecision:
    """Sign a proposed hold, or decline it; only a manager may."""
    require(actor, Role.MANAGER, why="A manager signs a hold.")
    with transaction():
        entry = locked(CaseDecision, decision_id)
        locked(Enrolment, entry.case.enrolment_id)
        if entry.cosigned_at is not None or entry.declined_at is not None:
            raise RefusedError(Code.NOT_ALLOWED, "This hold was answered already.")
        if entry.id != max(other.id for other in entry.case.decisions):
            raise RefusedError(Code.NOT_ALLOWED, "Victim safety has decided otherwise since.")
        finish_tasks(
            TaskKind.DECIDE_HOLD,
            how="signed" if agree else "declined",
            actor=actor,
            now=now,
            enrolment_id=entry.case.enrolment_id,
        )
        if agree:
            _check_hold(entry.case.enrolment, entry.reason, entry.hold_until, now)
            put_on_hold(entry, cosigned_by=actor, now=now)
        else:
            decline(entry, actor=actor, now=now)
            _ask_again(entry.case, now)
        return entry


def _ask_again(case: Case, now: datetime) -> None:
    """Keep asking a manager about what an earlier hold kept back and nothing sends by itself."""
    if waits_for_a_person(case):
        _ask_after_hold(case.enrolment_id, now)


def waits_for_a_person(case: Case) -> bool:
    """Tell whether a notice of this case waits that only a decision sends."""
    return any(notice.release_at is None for notice in unreleased(case.id))


def _ask_after_hold(enrolment_id: int, now: datetime) -> None:
    create_task(
        TaskKind.DECIDE_HOLD,
        to="manager",
        enrolment_id=enrolment_id,
        why="A hold has ended without a new decision. Nothing was sent: decide with victim safety.",
        due_on=local_date(now),
        now=now,
    )


def put_on_hold(entry: CaseDecision, *, cosigned_by: Actor, now: datetime) -> None:
    """Hold what waits until the review time; then it goes out, or to the manager."""
    cosign(entry, actor=cosigned_by, now=now)
    case = entry.case
    case.hold_until = entry.hold_until
    for notice in unreleased(case.id):
        notice.release_at = entry.hold_until


def _proceed(case: Case, *, actor: Actor, now: datetime) -> None:
    case.hold_until = None
    for notice in unreleased(case.id):
        release_waiting(notice, actor=actor, now=now)


def release_waiting(notice: Notice, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """Release a planned notice and do what its release brings about."""
    release_notice(notice, now=now, actor=actor)
    enrolment, case = notice.enrolment, notice.case
    if enrolment is None or case is None:
        return
    if notice.kind == "breach" and notice.to_role in {"police", "enforcement"}:
        _report_breach(enrolment, now)
    elif notice.to_role == "enforcement" and not enrolment.is_mandated:
        start_monitoring(case, enrolment, now=now)


def has_ended_by_charge(enrolment: Enrolment) -> bool:
    """Tell whether police have charged, so that nothing is left to report."""
    return enrolment.status == EnrolmentStatus.BREACH_DECIDED and is_over(enrolment)


def _report_breach(enrolment: Enrolment, now: datetime) -> None:
    if enrolment.status == EnrolmentStatus.SUSPENDED:
        # Police have it all the same: that shows once the suspension ends.
        enrolment.status_before_suspension = EnrolmentStatus.BREACH_REPORTED
    elif enrolment.status in {
        EnrolmentStatus.WAITLISTED,
        EnrolmentStatus.ENROLLED,
        EnrolmentStatus.ATTENDING,
        EnrolmentStatus.COMPLETED,
        EnrolmentStatus.BREACH_DECIDED,
    } and not has_ended_by_charge(enrolment):
        set_status(enrolment, EnrolmentStatus.BREACH_REPORTED, actor=SYSTEM, now=now)
        plan_next_look(enrolment, now)


def release_due(notice: Notice, *, now: datetime) -> None:
    """Release a notice whose time has come; a voluntary one at the end of a hold goes to the manager."""
    case = notice.case
    # What was found after the hold was signed has its own deadline, and no hold.
    held = case is not None and case.hold_until == notice.release_at
    if held and notice.enrolment is not None and not notice.enrolment.is_mandated:
        notice.release_at = None
        _ask_after_hold(notice.enrolment.id, now)
        return
    release_waiting(notice, now=now)


def chase_due(notice: Notice, *, now: datetime) -> None:
    """Chase an unacknowledged notice one step further (product.md §8.1, §8.4).

    Victim safety's: the deputy (or the whole role) and the manager. Police's and enforcement's:
    the recipient after 24 hours, the manager after 48.
    """
    step, notice.chase_step = notice.chase_step, notice.chase_step + 1
    if notice.to_role == "victim_safety":
        notice.chase_at = None
        deputy = deputy_of(notice.staff_id, now)
        addressees = [Addressee("victim_safety", deputy), Addressee("manager")]
    elif step == 0:
        released_at = notice.released_at or now
        notice.chase_at = manager_chase_at(released_at, policy_at(now).general)
        addressees = [Addressee(notice.to_role, notice.staff_id)]
    else:
        notice.chase_at = None
        addressees = [Addressee("manager")]
    details = NoticeDetails(
        kind="chase",
        enrolment_id=notice.enrolment_id,
        case_id=notice.case_id,
        about_id=notice.id,
        session_id=notice.session_id,
        facts={"name": notice.facts.get("name"), "programme": notice.facts.get("programme")},
    )
    inform(details, addressees, now=now, about=notice.kind)


def clear(flag_id: int, reason: str, *, actor: Actor, now: datetime) -> None:
    """Clear a flag with a reason.

    A voluntary case closes when no red flag is left, and what waits is not sent. A mandated one
    stays: every miss reaches police all the same (product.md §12.3).
    """
    require(
        actor,
        Role.CASEWORKER,
        Role.MANAGER,
        Role.VICTIM_SAFETY,
        why="Ask the caseworker to clear this flag.",
    )
    with transaction():
        enrolment = locked(Enrolment, db.session.get_one(Flag, flag_id).enrolment_id)
        flag = locked(Flag, flag_id)
        clear_flag(flag, reason, actor=actor, now=now)
        if not enrolment.is_mandated:
            close_groundless_case(enrolment, actor=actor, now=now)
        plan_next_look(enrolment, now)


def settle_case(enrolment: Enrolment, why: str, *, actor: Actor, now: datetime) -> None:
    """Clear the red flags of a case and close it, because a person has decided the matter."""
    for flag in open_flags(enrolment.id):
        if flag.level == "red":
            end_flag(flag, FlagState.CLEARED, why, actor=actor, now=now)
    case = open_case(enrolment.id)
    if case is not None:
        for notice in unreleased(case.id):
            release_waiting(notice, now=now, actor=actor)
        close_case(case, why, actor=actor, now=now)
