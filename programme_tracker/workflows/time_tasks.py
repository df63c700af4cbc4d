"""Tasks that time alone brings about on one enrolment: a first contact late, a sixteenth birthday."""

from datetime import datetime, timedelta

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.people.rules import age_on
from programme_tracker.programmes.queries import policy_at
from programme_tracker.programmes.rules import Form
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, add_months, turns_sixteen_on
from programme_tracker.referrals.services import is_over
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.workflows.recipients import lead_for, victim_safety_for

#: Once a workshop was booked, or both people were told, no first-contact task is left to make.
FIRST_CONTACT_DONE = 2


def next_time_task(enrolment: Enrolment, now: datetime) -> datetime | None:
    """Return when the next such task falls due, if any; past for one that nobody has made yet."""
    moments = [
        _first_contact_moment(enrolment, now),
        _birthday_moment(enrolment, now),
        _partner_contact_moment(enrolment, now),
    ]
    return min((moment for moment in moments if moment), default=None)


def make_due_time_tasks(enrolment: Enrolment, *, now: datetime) -> None:
    """Make the tasks that are due; each is made once."""
    _first_contact(enrolment, now)
    _sixteenth_birthday(enrolment, now)
    _partner_contact(enrolment, now)


def _first_contact_moment(enrolment: Enrolment, now: datetime) -> datetime | None:
    """Return when somebody must be told that no workshop is booked (product.md §7)."""
    policy = policy_at(now)
    if policy.programmes[enrolment.programme_code].form is not Form.TWO_WORKSHOPS:
        return None
    waiting = enrolment.status == EnrolmentStatus.WAITLISTED
    barred = enrolment.gate in {Gate.REFUSED, Gate.WITHDRAWN}
    if not waiting or barred or enrolment.first_contact_step >= FIRST_CONTACT_DONE:
        return None
    general = policy.general
    days = (general.first_contact_lead_days, general.first_contact_manager_days)
    day = local_date(enrolment.referral.received_at) + timedelta(days=days[enrolment.first_contact_step])
    return at_local(day, general.time_rules_at)


def _first_contact(enrolment: Enrolment, now: datetime) -> None:
    while (moment := _first_contact_moment(enrolment, now)) is not None and moment <= now:
        to_manager = enrolment.first_contact_step == 1
        create_task(
            TaskKind.FIRST_CONTACT,
            to="manager" if to_manager else "lead",
            staff_id=None if to_manager else lead_for(enrolment, now).staff_id,
            enrolment_id=enrolment.id,
            why=_why(enrolment, now),
            due_on=local_date(now),
            now=now,
        )
        enrolment.first_contact_step += 1


def _why(enrolment: Enrolment, now: datetime) -> str:
    days = (local_date(now) - local_date(enrolment.referral.received_at)).days
    return f"No workshop is booked {days} days after the referral. The delay is ours, not the client's."


def _birthday_moment(enrolment: Enrolment, now: datetime) -> datetime | None:
    person = enrolment.participant
    if person.own_consent_at is not None or is_over(enrolment) or _asked_again(enrolment):
        return None
    return at_local(turns_sixteen_on(person.born_on), policy_at(now).general.time_rules_at)


def _sixteenth_birthday(enrolment: Enrolment, now: datetime) -> None:
    moment = _birthday_moment(enrolment, now)
    if moment is None or moment > now:
        return
    age = age_on(enrolment.participant.born_on, local_date(now))
    create_task(
        TaskKind.RECONSENT,
        to="lead",
        staff_id=lead_for(enrolment, now).staff_id,
        enrolment_id=enrolment.id,
        why=f"Now {age}: texts to the guardian have stopped. Ask for consent to text in person.",
        due_on=local_date(now),
        now=now,
    )


def _asked_again(enrolment: Enrolment) -> bool:
    asked = select(Task.id).where(Task.kind == TaskKind.RECONSENT.value, Task.enrolment_id == enrolment.id)
    return db.session.scalars(asked.limit(1)).first() is not None


def _partner_contact_moment(enrolment: Enrolment, now: datetime) -> datetime | None:
    """Return when the next contact with the partner falls due (product.md §9).

    Every so many days from joining, and for months after the end however it ends.
    """
    policy = policy_at(now)
    rules = policy.programmes[enrolment.programme_code]
    if rules.partner_contact_days is None or enrolment.enrolled_at is None:
        return None
    if enrolment.gate == Gate.NOT_APPLICABLE:
        return None
    day = enrolment.partner_contact_due_on
    if day is None:
        day = local_date(enrolment.enrolled_at) + timedelta(days=rules.partner_contact_days)
    if enrolment.ended_at is not None:
        last = add_months(local_date(enrolment.ended_at), rules.partner_contact_after_end_months)
        if day > last:
            return None
    return at_local(day, policy.general.time_rules_at)


def _partner_contact(enrolment: Enrolment, now: datetime) -> None:
    while (moment := _partner_contact_moment(enrolment, now)) is not None and moment <= now:
        days = policy_at(now).programmes[enrolment.programme_code].partner_contact_days or 0
        create_task(
            TaskKind.PARTNER_CONTACT,
            to="victim_safety",
            staff_id=victim_safety_for(enrolment, now).staff_id,
            enrolment_id=enrolment.id,
            why=f"Contact falls due every {days} days.",
            due_on=local_date(moment),
            now=now,
            again=True,
        )
        enrolment.partner_contact_due_on = local_date(moment) + timedelta(days=days)
