"""What the pages of partners' files show."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import staff_with_role
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, ImpactAnswer
from programme_tracker.referrals.queries import enrolments_of
from programme_tracker.referrals.services import is_over
from programme_tracker.tasks.models import TaskKind
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.queries import (
    PartnerFile,
    Written,
    looked_into,
    partners_of,
    points_answered,
)
from programme_tracker.victim_safety.rules import EntryKind, impact_points, impact_to_ask
from programme_tracker.web.partners import wording
from programme_tracker.web.tasks.wording import title_of
from programme_tracker.workflows.asking_impact import answers_of
from programme_tracker.workflows.partner_files import course_of, tasks_of
from programme_tracker.workflows.visibility import may_see_enrolment, may_see_partner, open_tasks_for

MOST = 200
_RISKS = ("high", "medium", "standard")


@dataclass(frozen=True)
class DueLine:
    """One thing due with the partners of a participant; ``chips`` say the harm."""

    enrolment: Enrolment
    title: str
    why: str
    due_on: date
    partners: int


@dataclass(frozen=True)
class DueTask:
    """One thing due with the partners of one participant."""

    task_id: int
    kind: TaskKind
    title: str
    why: str
    due_on: date


@dataclass(frozen=True)
class ImpactLine:
    """One IMPACT time point of one enrolment: when it falls due, and the answers if there are any."""

    enrolment: Enrolment
    point: str
    words: str
    due_on: date
    state: str
    answers: Written | None = None
    #: What the participant answered at the same point.
    own: ImpactAnswer | None = None


@dataclass(frozen=True)
class Supported:
    """A participant whose partners are on file; ``partners`` are only counted here, never opened."""

    enrolment: Enrolment
    partners: list[Partner] = field(default_factory=list)
    #: IMPACT time points to ask for at the next contact.
    to_ask: list[str] = field(default_factory=list)


def contacts_due(actor: Actor, now: datetime) -> list[DueLine]:
    """Return what is due with my partners: the highest risk first, then the longest due."""
    kinds = (TaskKind.PARTNER_CONTACT, TaskKind.PARTNER_ASSESSMENT)
    tasks = open_tasks_for(actor, kinds=kinds, today=local_date(now))
    found = _enrolments(actor, [task.enrolment_id for task in tasks])
    counts = _counts([one.participant_id for one in found.values()])
    lines = [
        DueLine(
            enrolment=found[task.enrolment_id],
            title=f"{found[task.enrolment_id].participant.name}: {_lower(title_of(task.kind))}",
            why=task.why,
            due_on=task.due_on,
            partners=counts.get(found[task.enrolment_id].participant_id, 0),
        )
        for task in tasks
        if task.enrolment_id in found
    ]
    return sorted(lines, key=_harm)


def _harm(line: DueLine) -> tuple[int, bool, date]:
    person = line.enrolment.participant
    return _RISKS.index(person.risk), not person.is_priority, line.due_on


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _enrolments(actor: Actor, ids: Sequence[int | None]) -> dict[int | None, Enrolment]:
    wanted = [one for one in ids if one is not None]
    found = (
        select(Enrolment)
        .where(Enrolment.id.in_(wanted), may_see_enrolment(actor))
        .options(joinedload(Enrolment.participant), joinedload(Enrolment.programme))
    )
    return {one.id: one for one in db.session.scalars(found)}


def _counts(participant_ids: Sequence[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for partner in partners_of(participant_ids):
        counts[partner.participant_id] = counts.get(partner.participant_id, 0) + 1
    return counts


def supported(actor: Actor, now: datetime) -> list[Supported]:
    """Return the participants of one's own whose partners are on file, the highest risk first."""
    own = (
        select(Enrolment)
        .join(Enrolment.participant)
        .where(
            Enrolment.participant_id.in_(select(Partner.participant_id).where(may_see_partner(actor))),
            (Enrolment.worker_id == actor.staff_id) | Enrolment.worker_id.is_(None),
            may_see_enrolment(actor),
        )
        .options(joinedload(Enrolment.participant), joinedload(Enrolment.programme))
        .order_by(Participant.name_folded, Enrolment.id.desc())
        .limit(MOST)
    )
    newest: dict[int, Enrolment] = {}
    for enrolment in db.session.scalars(own):
        newest.setdefault(enrolment.participant_id, enrolment)
    partners: dict[int, list[Partner]] = {}
    for partner in partners_of(list(newest)):
        partners.setdefault(partner.participant_id, []).append(partner)
    found = [Supported(one, partners.get(one.participant_id, [])) for one in newest.values()]
    asked = _impact_to_ask(found, now)
    found = [replace(one, to_ask=asked.get(one.enrolment.id, [])) for one in found]
    return sorted(found, key=lambda one: _RISKS.index(one.enrolment.participant.risk))


def _impact_to_ask(people: Sequence[Supported], now: datetime) -> dict[int, list[str]]:
    """Return the IMPACT time points to be asked for now, by enrolment: of one partner at least."""
    answered = points_answered(partner.id for one in people for partner in one.partners)
    asked: dict[int, list[str]] = {}
    for one in people:
        enrolment, course = one.enrolment, course_of(one.enrolment, now)
        for partner in one.partners:
            given = answered.get(partner.id, set())
            done = {point for enrolment_id, point in given if enrolment_id == enrolment.id}
            due = impact_to_ask(course, done, local_date(now))
            asked.setdefault(enrolment.id, []).extend(point.value for point, _ in due)
    return {enrolment_id: sorted(set(points)) for enrolment_id, points in asked.items()}


def impact_table(file: PartnerFile, now: datetime) -> list[ImpactLine]:
    """Return every time point of the participant's enrolments that is known, newest enrolment first."""
    answers = {(one.enrolment_id, one.point): one for one in file.of_kind(EntryKind.IMPACT) if one.stands}
    today, lines = local_date(now), []
    enrolments = enrolments_of(file.participant_id)
    own = answers_of([one.id for one in enrolments])
    for enrolment in reversed(enrolments):
        for point, day in impact_points(course_of(enrolment, now)).items():
            found = answers.get((enrolment.id, point))
            state = "done" if found else "due" if day <= today else "planned"
            theirs = own.get((enrolment.id, point.value))
            lines.append(ImpactLine(enrolment, point, wording.POINTS[point], day, state, found, theirs))
    return lines


def due_with(participant_id: int) -> list[DueTask]:
    """Return what is due with a participant's partners, the longest due first."""
    return [
        DueTask(task.id, TaskKind(task.kind), title_of(task.kind), task.why, task.due_on)
        for task in tasks_of(participant_id)
    ]


def newest_enrolment(participant_id: int) -> Enrolment | None:
    """Return the enrolment under way, or the last one."""
    found = enrolments_of(participant_id)
    live = [enrolment for enrolment in found if not is_over(enrolment)]
    return next(reversed(live or found), None)


def names_of(staff_ids: Sequence[int | None]) -> dict[int | None, str]:
    """Return colleagues' names by id; nobody is the system."""
    wanted = [one for one in staff_ids if one is not None]
    found = db.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(wanted)))
    return {None: "the system", **{staff_id: name for staff_id, name in found}}


def workers() -> list[tuple[str, str]]:
    """Return the victim-safety workers as choices."""
    return [(str(one.id), one.name) for one in staff_with_role(Role.VICTIM_SAFETY)]


def page_of(file: PartnerFile, now: datetime) -> dict[str, Any]:
    """Return everything the page of a file shows."""
    looked = looked_into(file.partner_id)
    people = [entry.by for entry in file.entries] + [one.staff_id for one in looked]
    plans = [entry for entry in file.of_kind(EntryKind.PLAN) if entry.stands]
    return {
        "file": file,
        "due": due_with(file.participant_id),
        "plan": plans[0] if plans else None,
        "older_plans": file.of_kind(EntryKind.PLAN)[1:],
        "dash": file.of_kind(EntryKind.DASH),
        "log": file.of_kind(EntryKind.CONTACT, EntryKind.CHANGE),
        "history": file.of_kind(EntryKind.DETAILS),
        "also": links_of(file),
        "impact": impact_table(file, now),
        "looked": looked,
        "by": names_of([*people, file.details.worker_id]),
    }


def links_of(file: PartnerFile) -> list[tuple[int, str, str]]:
    """Return the participants this partner is said to be: id, reference and name."""
    ended: set[int] = set()
    wanted: list[int] = []
    for entry in file.of_kind(EntryKind.LINK):
        participant_id = int(entry.content["participant_id"])
        if entry.content.get("ended"):
            ended.add(participant_id)
        elif participant_id not in ended and participant_id not in wanted:
            wanted.append(participant_id)
    found = select(Participant).where(Participant.id.in_(wanted)).order_by(Participant.id)
    return [(person.id, person.reference, person.name) for person in db.session.scalars(found)]
