"""What victim safety writes in a partner's file, and what follows from it elsewhere.

Outside the file nothing says what a partner told: tasks are finished with one neutral sentence.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.escalation.services import NoticeDetails
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.people.queries import with_number
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.programmes.rules import Form
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.tasks.services import create_task, finish_task, finish_tasks
from programme_tracker.victim_safety.models import Partner, PartnerEntry
from programme_tracker.victim_safety.queries import partners_of
from programme_tracker.victim_safety.rules import ContactOutcome, Course, EntryKind, ViewReason
from programme_tracker.victim_safety.services import (
    EntryDetails,
    Looking,
    PartnerDetails,
    add_entry,
    add_partner,
    change_partner,
    open_file,
)
from programme_tracker.workflows.escalating import inform, person_facts
from programme_tracker.workflows.permissions import require
from programme_tracker.workflows.recipients import victim_safety_for
from programme_tracker.workflows.separating import note_partner

CALENDAR = WorkingCalendar()

#: All that a task says of how it was done.
DONE_HOW = "Recorded in the partner’s file."

#: Why nobody is contacted at present: chosen, never typed, since tasks are read outside the file.
NOBODY_TO_CONTACT = {
    "nobody_known": "No partner or former partner is known.",
    "unsafe": "No contact is safe at present.",
    "elsewhere": "Another service supports the partner.",
}
_FILE_TASKS = (TaskKind.PARTNER_CONTACT.value, TaskKind.PARTNER_ASSESSMENT.value)
_ASK = "Ask victim safety."


def write_details(
    participant_id: int,
    details: PartnerDetails,
    *,
    actor: Actor,
    now: datetime,
    partner_id: int | None = None,
) -> Partner:
    """Add a partner to a participant, or change what is known of one.

    Somebody who is on the system too is kept apart from then on, and victim safety alone is told.
    """
    require(actor, Role.VICTIM_SAFETY, why=_ASK)
    with transaction():
        if partner_id is None:
            partner = add_partner(participant_id, details, actor=actor, now=now)
        else:
            partner = change_partner(partner_id, details, actor=actor, now=now)
        note_partner(partner, details, now=now)
        return partner


def number_stands_with_participant(number: str | None) -> bool:
    """Tell victim safety whether a safe number is also a participant's: texts to it stop."""
    return bool(number) and bool(with_number(number or ""))


def record_contact(
    partner_id: int,
    content: Mapping[str, Any],
    *,
    finishes: Collection[int],
    actor: Actor,
    now: datetime,
    corrects_id: int | None = None,
) -> PartnerEntry:
    """Record a contact, or an attempt, with a partner; finish the tasks it answers.

    An attempt leaves the contact due. Raises RefusedError when somebody declined support and
    nothing was explained to them: refusing support still earns clear information (domain.md §5).
    """
    require(actor, Role.VICTIM_SAFETY, why=_ASK)
    outcome = ContactOutcome(content["outcome"])
    if outcome.must_explain and not content.get("explained"):
        raise RefusedError(
            Code.NOT_ALLOWED,
            "Say what was explained. Somebody who declines support still gets clear information.",
            field="explained",
        )
    details = EntryDetails(EntryKind.CONTACT, content, corrects_id=corrects_id)
    with transaction():
        entry = add_entry(partner_id, details, actor=actor, now=now)
        if outcome.finishes:
            _finish(partner_id, finishes, (TaskKind.PARTNER_CONTACT.value,), actor, now)
        return entry


def _finish(
    partner_id: int, wanted: Collection[int], kinds: Sequence[str], actor: Actor, now: datetime
) -> None:
    participant_id = db.session.get_one(Partner, partner_id).participant_id
    for task in tasks_of(participant_id):
        if task.id in wanted and task.kind in kinds:
            finish_task(task, how=DONE_HOW, actor=actor, now=now)


def tasks_of(participant_id: int) -> list[Task]:
    """Return what is due with the partners of a participant, the longest due first."""
    mine = select(Enrolment.id).where(Enrolment.participant_id == participant_id)
    found = select(Task).where(
        Task.kind.in_(_FILE_TASKS), Task.done_at.is_(None), Task.enrolment_id.in_(mine)
    )
    return list(db.session.scalars(found.order_by(Task.due_on, Task.id)))


def record_dash(
    partner_id: int,
    content: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    corrects_id: int | None = None,
) -> PartnerEntry:
    """Record a DASH assessment; earlier ones stay, and an assessment that was asked for is done."""
    require(actor, Role.VICTIM_SAFETY, why=_ASK)
    details = EntryDetails(EntryKind.DASH, content, corrects_id=corrects_id)
    with transaction():
        entry = add_entry(partner_id, details, actor=actor, now=now)
        participant_id = db.session.get_one(Partner, partner_id).participant_id
        wanted = [task.id for task in tasks_of(participant_id)]
        _finish(partner_id, wanted, (TaskKind.PARTNER_ASSESSMENT.value,), actor, now)
        return entry


def note_change(partner_id: int, content: Mapping[str, Any], *, actor: Actor, now: datetime) -> PartnerEntry:
    """Note what has changed, such as a new partner or new contact with a child: assess again.

    Each raises risk, so each asks for a new assessment by the next working day (domain.md §5).
    """
    require(actor, Role.VICTIM_SAFETY, why=_ASK)
    with transaction():
        entry = add_entry(partner_id, EntryDetails(EntryKind.CHANGE, content), actor=actor, now=now)
        partner = db.session.get_one(Partner, partner_id)
        for enrolment in enrolments_of(partner.participant_id)[-1:]:
            create_task(
                TaskKind.PARTNER_ASSESSMENT,
                to="victim_safety",
                staff_id=victim_safety_for(enrolment, now).staff_id,
                enrolment_id=enrolment.id,
                why="Something has changed. Assess the risk again.",
                due_on=CALENDAR.next_working_day(local_date(now)),
                now=now,
            )
        return entry


def write_plan(
    partner_id: int,
    content: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    corrects_id: int | None = None,
) -> PartnerEntry:
    """Write a new version of the safety plan; the versions before stay."""
    require(actor, Role.VICTIM_SAFETY, why=_ASK)
    return add_entry(
        partner_id, EntryDetails(EntryKind.PLAN, content, corrects_id=corrects_id), actor=actor, now=now
    )


def record_impact(partner_id: int, details: EntryDetails, *, actor: Actor, now: datetime) -> PartnerEntry:
    """Record a partner's answers at one IMPACT time point of one enrolment."""
    require(actor, Role.VICTIM_SAFETY, why=_ASK)
    return add_entry(partner_id, replace(details, kind=EntryKind.IMPACT), actor=actor, now=now)


def nobody_to_contact(enrolment_id: int, why: str, *, actor: Actor, now: datetime) -> None:
    """Finish the contacts due on an enrolment because there is nobody to contact; ``why`` is a key."""
    require(actor, Role.VICTIM_SAFETY, why=_ASK)
    if why not in NOBODY_TO_CONTACT:
        raise RefusedError(Code.NOT_ALLOWED, "Choose why nobody is contacted.", field="why")
    with transaction():
        locked(Enrolment, enrolment_id)
        finish_tasks(
            TaskKind.PARTNER_CONTACT,
            how=NOBODY_TO_CONTACT[why],
            actor=actor,
            now=now,
            enrolment_id=enrolment_id,
        )


def break_glass(enrolment_id: int, words: str, sign_in_id: int | None, *, actor: Actor, now: datetime) -> int:
    """Open every partner's file of a participant to a manager for a while; return how many.

    Victim safety is told in the same moment. Raises RefusedError without a reason.
    """
    require(actor, Role.MANAGER, why="Only a manager may break the glass.")
    if not words.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why you need to know now.", field="words")
    with transaction():
        enrolment = locked(Enrolment, enrolment_id)
        looking = Looking(ViewReason.BREAK_GLASS, words, sign_in_id)
        partners = partners_of([enrolment.participant_id])
        for partner in partners:
            open_file(partner.id, looking, actor=actor, now=now)
        audit.record(
            "partner.glass_broken",
            enrolment,
            actor=actor,
            at=now,
            enrolment_id=enrolment.id,
            files=len(partners),
        )
        said = f"{actor.name} opened it. Their reason stands in the file."
        facts = person_facts(enrolment) | {"reason": said}
        details = NoticeDetails(kind="break_glass", enrolment_id=enrolment.id, facts=facts)
        inform(details, [victim_safety_for(enrolment, now)], now=now, actor=actor)
        return len(partners)


def course_of(enrolment: Enrolment, now: datetime) -> Course:
    """Return how far an enrolment has come, as the IMPACT time points read it."""
    policy = programme_policy(enrolment.programme_code, now)
    started = local_date(enrolment.started_at) if enrolment.started_at else None
    days = policy.part_gap_min_days if policy.form is Form.TWO_WORKSHOPS else policy.sessions * 7
    return Course(
        taken_on=local_date(enrolment.created_at),
        started_on=started,
        halfway_on=_halfway(started, days),
        ended_on=local_date(enrolment.ended_at) if enrolment.ended_at else None,
        follow_up_months=policy.partner_contact_after_end_months,
    )


def _halfway(started: date | None, days: int) -> date | None:
    return started + timedelta(days=days // 2) if started else None
