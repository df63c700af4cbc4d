"""From a referral to an enrolment, and victim safety's sign-off."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, serialised, transaction
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.people.models import Participant
from programme_tracker.people.queries import shares_number
from programme_tracker.people.services import NewParticipant, add_participant, remove_double
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.programmes.rules import Form
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.referrals.rules import (
    CARA_QUESTIONS,
    Eligibility,
    Gate,
    ReferralStatus,
    age_refusal,
    eligibility,
)
from programme_tracker.referrals.services import (
    ReferralDetails,
    add_enrolment,
    add_referral,
    has_left,
    set_answers,
    set_gate,
    set_person,
    set_referral_status,
)
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks
from programme_tracker.workflows.numbers import check_shared_number, finish_checks, usable_number
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.reassessing import plan_next_look
from programme_tracker.workflows.recipients import victim_safety_for
from programme_tracker.workflows.separating import note_enrolment
from programme_tracker.workflows.suspending import MAY_BE_SUSPENDED, suspend_for_gate

CALENDAR = WorkingCalendar()
MAY_TRIAGE = (Role.CASEWORKER, Role.MANAGER)
MAY_REFER = (Role.POLICE, Role.CASEWORKER, Role.MANAGER, Role.ENFORCEMENT)


@dataclass(frozen=True)
class Decided:
    """What became of a referral; ``enrolment`` only when it was accepted."""

    referral: Referral
    enrolment: Enrolment | None = None


def receive(
    person: NewParticipant | Participant, details: ReferralDetails, *, actor: Actor, now: datetime
) -> Referral:
    """Take in a referral: an answer that fails refuses it at once, one not known holds it.

    The same ``request_key`` twice is one referral. Raises RefusedError beside the field when the
    number may not be used.
    """
    require(actor, *MAY_REFER, why="Ask a caseworker to make this referral.")
    if isinstance(person, NewParticipant):
        person = _with_usable_numbers(person, actor, now)
    with transaction():
        if details.request_key:
            serialised(f"referral {details.request_key}")
        known = _with_key(details.request_key)
        if known is not None:
            return known
        if isinstance(person, NewParticipant):
            person = add_participant(person, actor=actor, now=now)
        verdict, reasons = _verdict(person, details, now)
        status = ReferralStatus.RECEIVED if verdict is ReferralStatus.ACCEPTED else verdict
        details = replace(details, is_mandated=details.is_mandated or _always_mandated(details, now))
        return add_referral(person, details, status, reasons, actor=actor, now=now)


def _with_usable_numbers(person: NewParticipant, actor: Actor, now: datetime) -> NewParticipant:
    mobile = usable_number(person.mobile, None, actor=actor, now=now)
    if person.guardian is None:
        return replace(person, mobile=mobile)
    try:
        number = usable_number(person.guardian.mobile, None, actor=actor, now=now)
    except RefusedError as error:
        raise RefusedError(error.code, error.message, field="guardian_mobile") from error
    return replace(person, mobile=mobile, guardian=replace(person.guardian, mobile=number))


def _with_key(key: str | None) -> Referral | None:
    if not key:
        return None
    return db.session.scalars(select(Referral).where(Referral.request_key == key)).first()


def _always_mandated(details: ReferralDetails, now: datetime) -> bool:
    return programme_policy(details.programme_code, now).is_mandated


def _verdict(
    person: Participant, about: ReferralDetails | Referral, now: datetime
) -> tuple[ReferralStatus, list[str]]:
    """Weigh age and answers: the verdict, and the sentences that explain it."""
    policy = programme_policy(about.programme_code, now)
    too_young_or_old = age_refusal(person.born_on, local_date(now), policy.min_age, policy.max_age)
    asked = CARA_QUESTIONS if policy.form is Form.TWO_WORKSHOPS else ()
    answers: Eligibility = eligibility(
        about.answers, allowed_dash=frozenset(policy.allowed_dash), questions=asked
    )
    reasons = [too_young_or_old] if too_young_or_old else []
    reasons += answers.reasons
    if reasons:
        return ReferralStatus.REJECTED, reasons
    return answers.verdict, [f"Not known: {question.text}" for question in answers.unknown]


def answer(referral_id: int, answers: dict[str, str], *, actor: Actor, now: datetime) -> Referral:
    """Answer what a held referral left open: one that fails refuses it, the last one sends it in again."""
    require(actor, *MAY_REFER, why="Ask a caseworker to answer this.")
    with transaction():
        referral = locked(Referral, referral_id)
        if referral.status != ReferralStatus.INFORMATION_REQUESTED:
            raise RefusedError(Code.NOT_ALLOWED, "No information is asked for on this referral.")
        set_answers(referral, answers, actor=actor, now=now)
        verdict, reasons = _verdict(referral.participant, referral, now)
        if verdict is ReferralStatus.INFORMATION_REQUESTED:
            referral.reasons = reasons
            return referral
        status = ReferralStatus.RECEIVED if verdict is ReferralStatus.ACCEPTED else verdict
        set_referral_status(referral, status, reasons, actor=actor, now=now)
        return referral


def _take_as_known(referral: Referral, person_id: int, actor: Actor, now: datetime) -> None:
    """Say that a referral is about a known person; the double made for it goes if nothing else needs it."""
    double, known = referral.participant, locked(Participant, person_id)
    if known.id == double.id:
        return
    set_person(referral, known, actor=actor, now=now)
    others = select(Referral.id).where(Referral.participant_id == double.id)
    if db.session.scalars(others.limit(1)).first() is None:
        remove_double(double, known, actor=actor, now=now)
    if not shares_number(known):
        finish_checks(known, "the same person", actor=actor, now=now)


def accept(
    referral_id: int,
    *,
    lead_id: int | None,
    worker_id: int | None,
    person_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Enrolment:
    """Accept a referral: it becomes an enrolment whose gate is pending, and victim safety is asked.

    ``person_id`` says that it is about somebody known already. Raises RefusedError while an answer
    is not known.
    """
    require(actor, *MAY_TRIAGE, why="Ask a caseworker or manager to decide on this referral.")
    with transaction():
        referral = locked(Referral, referral_id)
        if _verdict(referral.participant, referral, now)[0] is ReferralStatus.INFORMATION_REQUESTED:
            raise RefusedError(Code.NOT_ALLOWED, "An answer is not known yet. Enter it before you accept.")
        if person_id is not None:
            _take_as_known(referral, person_id, actor, now)
        set_referral_status(referral, ReferralStatus.ACCEPTED, [], actor=actor, now=now)
        details = ReferralDetails(
            programme_code=referral.programme_code,
            route=referral.route,
            referrer_id=referral.referrer_id,
            lead_id=lead_id,
            worker_id=worker_id,
            officer_id=referral.referrer_id if referral.route == "police" else None,
            is_mandated=referral.is_mandated,
            caution_reference=referral.caution_reference,
            caution_issued_on=referral.caution_issued_on,
            caution_expires_on=referral.caution_expires_on,
        )
        enrolment = add_enrolment(referral, details, actor=actor, now=now)
        enrolment.previous_id = _leads_on_from(enrolment, now)
        note_enrolment(enrolment, now=now)
        _ask_victim_safety(enrolment, now)
        check_shared_number(enrolment.participant, now=now)
        plan_next_look(enrolment, now)
        return enrolment


def _leads_on_from(enrolment: Enrolment, now: datetime) -> int | None:
    """Return the one-to-one enrolment that a group enrolment leads on from (product.md §3)."""
    if programme_policy(enrolment.programme_code, now).form is not Form.WEEKLY_GROUP:
        return None
    for other in reversed(enrolments_of(enrolment.participant_id)):
        is_one_to_one = programme_policy(other.programme_code, now).form is Form.ONE_TO_ONE
        if other.id != enrolment.id and is_one_to_one and not has_left(other):
            return other.id
    return None


def _ask_victim_safety(enrolment: Enrolment, now: datetime) -> None:
    worker = victim_safety_for(enrolment, now)
    create_task(
        TaskKind.SIGN_OFF,
        to="victim_safety",
        staff_id=worker.staff_id,
        enrolment_id=enrolment.id,
        why="A new enrolment waits for your sign-off. Nothing goes to the participant before it.",
        due_on=CALENDAR.next_working_day(local_date(now)),
        now=now,
    )
    policy = programme_policy(enrolment.programme_code, now)
    if policy.form is Form.TWO_WORKSHOPS:
        create_task(
            TaskKind.PARTNER_CONTACT,
            to="victim_safety",
            staff_id=worker.staff_id,
            enrolment_id=enrolment.id,
            why="Contact before the first workshop.",
            due_on=CALENDAR.add_working_days(local_date(now), 3),
            now=now,
        )


def decide_against(
    referral_id: int, status: ReferralStatus, reason: str, *, actor: Actor, now: datetime
) -> Referral:
    """Refuse a referral, or ask for information, with the reason."""
    require(actor, *MAY_TRIAGE, why="Ask a caseworker or manager to decide on this referral.")
    if not reason.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why, so that the referrer knows.", field="reason")
    with transaction():
        referral = locked(Referral, referral_id)
        set_referral_status(referral, status, [reason], actor=actor, now=now)
        return referral


def refer(
    person: NewParticipant | Participant, details: ReferralDetails, *, actor: Actor, now: datetime
) -> Enrolment | None:
    """Receive a referral and accept it in one go; None while an answer is not known.

    Raises RefusedError if an answer fails; the refused referral is kept with its reasons.
    """
    referral = receive(person, details, actor=actor, now=now)
    if referral.status == ReferralStatus.REJECTED:
        raise RefusedError(Code.NOT_ELIGIBLE, " ".join(referral.reasons))
    if referral.status != ReferralStatus.RECEIVED:
        return None
    # Inside a caller's transaction nothing has been written yet, and so the referral has no id.
    db.session.flush()
    triage = Actor(actor.staff_id, actor.name, actor.roles | {Role.CASEWORKER})
    return accept(referral.id, lead_id=details.lead_id, worker_id=details.worker_id, actor=triage, now=now)


def sign_off(
    enrolment_id: int, decision: Gate, *, actor: Actor, now: datetime, reason: str | None = None
) -> Enrolment:
    """Write victim safety's decision; withdrawing it suspends at once (product.md §3)."""
    if decision is Gate.NOT_APPLICABLE:
        require(actor, Role.MANAGER, why="Only a manager may say that no sign-off applies.")
    else:
        require(actor, Role.VICTIM_SAFETY, why="Only victim safety may sign this off.")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        set_gate(enrolment, decision, actor=actor, now=now, reason=reason)
        finish_tasks(TaskKind.SIGN_OFF, how=decision.value, actor=actor, now=now, enrolment_id=enrolment.id)
        if decision is Gate.WITHDRAWN and enrolment.status in MAY_BE_SUSPENDED:
            suspend_for_gate(enrolment, actor=actor, now=now)
        plan_next_look(enrolment, now)
        return enrolment
