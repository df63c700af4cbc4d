"""What an outcome does to an enrolment: credit, status, completion, and contacts that fall due."""

from datetime import datetime

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.queries import current_marks
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.audit import services as audit
from programme_tracker.engagement.queries import open_flags
from programme_tracker.engagement.rules import Level
from programme_tracker.escalation.rules import Addressee
from programme_tracker.escalation.services import NoticeDetails
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.transaction import locked
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus
from programme_tracker.referrals.services import is_over, set_status
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.scheduling.queries import live_bookings, voided_bookings
from programme_tracker.scheduling.services import add_booking
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.workflows.booking import give_up, refuse_company
from programme_tracker.workflows.completion import is_complete
from programme_tracker.workflows.escalating import inform, person_facts
from programme_tracker.workflows.groups import offer_freed_place
from programme_tracker.workflows.parts import PART_A, PART_B
from programme_tracker.workflows.reassessing import plan_next_look
from programme_tracker.workflows.recipients import lead_for, victim_safety_for
from programme_tracker.workflows.texting import plan_booked

CALENDAR = WorkingCalendar()

#: Why a part B booking was given up when part A was missed; a correction brings it back.
A_MISSED = "part A was missed: both parts must be repeated"

_OPEN_TO_CHANGE = frozenset(
    {
        EnrolmentStatus.ENROLLED,
        EnrolmentStatus.ATTENDING,
        EnrolmentStatus.COMPLETED,
        EnrolmentStatus.BREACH_REPORTED,
    }
)

_NOT_YET_ATTENDING = frozenset(
    {EnrolmentStatus.WAITLISTED, EnrolmentStatus.ENROLLED, EnrolmentStatus.BREACH_DECIDED}
)


def apply_outcome(enrolment: Enrolment, mark: Mark, *, actor: Actor, now: datetime) -> None:
    """Give credit, move the status on and make what falls due, for a mark just made."""
    kind = OUTCOMES[Outcome(mark.outcome)]
    if kind.credit:
        _give_credit(enrolment, mark, actor, now)
    if kind.attended:
        _attended(enrolment, mark, actor, now)
    if kind.missed and mark.session.part == PART_A:
        _void_part_b(enrolment, actor, now)


def apply_correction(enrolment: Enrolment, before: Mark, after: Mark, *, actor: Actor, now: datetime) -> None:
    """Do for a corrected mark what ``apply_outcome`` does, and undo what the old one did."""
    was, is_now = OUTCOMES[Outcome(before.outcome)], OUTCOMES[Outcome(after.outcome)]
    if is_now.credit and not was.credit:
        _give_credit(enrolment, after, actor, now)
    if after.session.part == PART_A:
        if is_now.missed and not was.missed:
            _void_part_b(enrolment, actor, now)
        if was.missed and not is_now.missed:
            _restore_part_b(enrolment, actor, now)
    _settle_status(enrolment, actor, now)
    if is_now.attended and not was.attended:
        _attended(enrolment, after, actor, now)
    plan_next_look(enrolment, now)


def _give_credit(enrolment: Enrolment, mark: Mark, actor: Actor, now: datetime) -> None:
    session = mark.session
    audit.record(
        "credit.given",
        mark,
        actor=actor,
        at=now,
        enrolment_id=enrolment.id,
        credit=session.part or session.topic or str(session.number or session.kind),
        session_id=session.id,
    )


def _attended(enrolment: Enrolment, mark: Mark, actor: Actor, now: datetime) -> None:
    if enrolment.status in _NOT_YET_ATTENDING and not is_over(enrolment):
        _become_attending(enrolment, actor, now)
    if enrolment.status == EnrolmentStatus.SUSPENDED:
        _come_back_attending(enrolment)
    if mark.session.part is not None and OUTCOMES[Outcome(mark.outcome)].credit:
        _partner_contact_due(enrolment, mark, now)
    complete_if_due(enrolment, actor=actor, now=now)


def _come_back_attending(enrolment: Enrolment) -> None:
    """Let a person who came before a suspension come back from it as one who attends."""
    if enrolment.status_before_suspension in _NOT_YET_ATTENDING:
        enrolment.status_before_suspension = EnrolmentStatus.ATTENDING


def _become_attending(enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    """Note that a person attends; victim safety is told the first time."""
    first_time = enrolment.started_at is None
    set_status(enrolment, EnrolmentStatus.ATTENDING, actor=actor, now=now)
    if first_time:
        _tell(enrolment, "started", [victim_safety_for(enrolment, now)], actor, now)
        _close_previous(enrolment, actor, now)


def _close_previous(enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    """Close the one-to-one enrolment that this one leads on from, now that it has started."""
    if enrolment.previous_id is None:
        return
    previous = locked(Enrolment, enrolment.previous_id)
    if is_over(previous):
        return
    done = is_complete(previous, now, group_ready=True)
    status = EnrolmentStatus.COMPLETED if done else EnrolmentStatus.TRANSFERRED
    set_status(previous, status, actor=actor, now=now, reason="the group programme has started")
    for booking in live_bookings(previous.id):
        if _is_to_come(booking, now):
            give_up(booking, "the group programme has started", actor=actor, now=now)
    plan_next_look(previous, now)


def _partner_contact_due(enrolment: Enrolment, mark: Mark, now: datetime) -> None:
    days = policy_at(now).general.partner_cara_working_days
    create_task(
        TaskKind.PARTNER_CONTACT,
        to="victim_safety",
        staff_id=victim_safety_for(enrolment, now).staff_id,
        enrolment_id=enrolment.id,
        session_id=mark.session_id,
        why=f"Contact after workshop {mark.session.part}.",
        due_on=CALENDAR.add_working_days(local_date(now), days),
        now=now,
    )


def complete_if_due(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Complete an enrolment that needs nobody's judgement, once nothing is left to attend."""
    if enrolment.status != EnrolmentStatus.ATTENDING or not is_complete(enrolment, now):
        return
    to_come = [booking for booking in live_bookings(enrolment.id) if _is_to_come(booking, now)]
    if to_come and not policy_at(now).programmes[enrolment.programme_code].completion_parts:
        return
    finish_enrolment(enrolment, actor=actor, now=now)


def finish_enrolment(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Complete an enrolment and tell victim safety, then those who referred it."""
    set_status(enrolment, EnrolmentStatus.COMPLETED, actor=actor, now=now)
    for booking in live_bookings(enrolment.id):
        if _is_to_come(booking, now):
            give_up(booking, "completed", actor=actor, now=now)
    if enrolment.group_id is not None:
        offer_freed_place(enrolment.group_id, now=now)
    addressees = [victim_safety_for(enrolment, now), lead_for(enrolment, now)]
    if enrolment.officer_id is not None:
        addressees.append(Addressee("police", enrolment.officer_id))
    else:
        addressees.append(Addressee("referrer", enrolment.referrer_id))
    _tell(enrolment, "completed", addressees, actor, now)


def _is_to_come(booking: Booking, now: datetime) -> bool:
    return booking.session.starts_at > now and booking.session.cancelled_at is None


def _tell(enrolment: Enrolment, kind: str, addressees: list[Addressee], actor: Actor, now: datetime) -> None:
    details = NoticeDetails(kind=kind, enrolment_id=enrolment.id, facts=person_facts(enrolment))
    inform(details, addressees, now=now, actor=actor)


def _void_part_b(enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    """Give up part B after a missed part A: both must be repeated (product.md §2)."""
    for booking in live_bookings(enrolment.id):
        if booking.session.part == PART_B and _is_to_come(booking, now):
            give_up(booking, A_MISSED, actor=actor, now=now)


def _restore_part_b(enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    """Bring back the part B that was given up for a part A recorded as missed in error."""
    if any(booking.session.part == PART_B for booking in live_bookings(enrolment.id)):
        return
    for old in voided_bookings(enrolment.id, A_MISSED):
        if not _is_to_come(old, now):
            continue
        try:
            refuse_company(old.session, enrolment)
        except RefusedError:
            _ask_for_part_b(enrolment, old.session, now)
        else:
            add_booking(old.session, enrolment, actor=actor, now=now)
            plan_booked(old.session, enrolment, actor=actor, now=now, announce=False)
        return


def _ask_for_part_b(enrolment: Enrolment, session: Session, now: datetime) -> None:
    create_task(
        TaskKind.BOOK_CATCH_UP,
        to="lead",
        staff_id=lead_for(enrolment, now).staff_id,
        enrolment_id=enrolment.id,
        session_id=session.id,
        why="Part B was given up for an absence recorded in error, and cannot be had back. Book another.",
        due_on=CALENDAR.next_working_day(local_date(now)),
        now=now,
    )


def _settle_status(enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    """Set the status that the outcomes and flags which now stand call for, after a correction."""
    if _breach_stands(enrolment):
        return
    if enrolment.status == EnrolmentStatus.COMPLETED and is_complete(enrolment, now):
        return
    came = any(OUTCOMES[Outcome(mark.outcome)].attended for mark in current_marks(enrolment.id))
    if enrolment.status == EnrolmentStatus.SUSPENDED:
        if enrolment.status_before_suspension in _OPEN_TO_CHANGE:
            before = EnrolmentStatus.ATTENDING if came else EnrolmentStatus.ENROLLED
            enrolment.status_before_suspension = before
    elif enrolment.status not in _OPEN_TO_CHANGE:
        return
    elif came:
        _become_attending(enrolment, actor, now)
    else:
        set_status(enrolment, EnrolmentStatus.ENROLLED, actor=actor, now=now)


def _breach_stands(enrolment: Enrolment) -> bool:
    """Tell whether police were told of a miss that still stands."""
    if EnrolmentStatus.BREACH_REPORTED not in {enrolment.status, enrolment.status_before_suspension}:
        return False
    return any(flag.level == Level.RED for flag in open_flags(enrolment.id))
