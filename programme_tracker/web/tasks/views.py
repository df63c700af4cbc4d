"""What the pages of tasks show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.accounts.queries import staff_by_id
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.web.access import may_open
from programme_tracker.web.presentation import moment_words, number_words
from programme_tracker.web.sessions.wording import session_label
from programme_tracker.web.tasks.wording import title_of
from programme_tracker.workflows.finishing import BY_DOING
from programme_tracker.workflows.visibility import enrolment_for, may_see_enrolment, open_tasks_for


@dataclass(frozen=True)
class TaskLine:
    """One task in a list."""

    task_id: int
    title: str
    why: str
    due_on: date


@dataclass(frozen=True)
class TaskPage:
    """One task with what its reader needs to do it; ``place`` is (label, endpoint, values)."""

    task: Task
    title: str
    facts: list[tuple[str, str]]
    enrolment_id: int | None
    place: tuple[str, str, dict[str, int]] | None
    done_by: str | None

    @property
    def may_be_noted(self) -> bool:
        """Tell whether saying how it was done finishes it."""
        return self.task.done_at is None and self.task.kind not in BY_DOING


def own_tasks(actor: Actor, today: date) -> list[TaskLine]:
    """Return one's open tasks and those that fall to one today, the longest due first."""
    tasks = open_tasks_for(actor, today=today)
    found = (
        select(Enrolment.id, Participant.name)
        .join(Enrolment.participant)
        .where(Enrolment.id.in_([task.enrolment_id for task in tasks]), may_see_enrolment(actor))
    )
    names = {enrolment_id: name for enrolment_id, name in db.session.execute(found)}
    return [
        TaskLine(task.id, _titled(task, names.get(task.enrolment_id or 0)), task.why, task.due_on)
        for task in tasks
    ]


def _titled(task: Task, name: str | None) -> str:
    what = title_of(task.kind)
    return f"{name}: {what[:1].lower()}{what[1:]}" if name else what


def task_page(task: Task, actor: Actor, now: datetime) -> TaskPage:
    """Return everything the page of a task shows."""
    enrolment = enrolment_for(actor, task.enrolment_id) if task.enrolment_id else None
    session = _session(task.session_id)
    done_by = staff_by_id(task.done_by) if task.done_by is not None else None
    return TaskPage(
        task=task,
        title=_titled(task, enrolment.participant.name if enrolment else None),
        facts=_facts(enrolment, session, actor, now),
        enrolment_id=enrolment.id if enrolment and may_open("people.enrolment") else None,
        place=_place(task),
        done_by=done_by.name if done_by else None,
    )


def _session(session_id: int | None) -> Session | None:
    if session_id is None:
        return None
    found = select(Session).where(Session.id == session_id).options(joinedload(Session.group))
    return db.session.scalars(found).first()


def _facts(
    enrolment: Enrolment | None, session: Session | None, actor: Actor, now: datetime
) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    if enrolment is not None:
        facts.append(("Participant", enrolment.participant.name))
        facts.append(("Programme", enrolment.programme.name))
        if actor.has(Role.CASEWORKER, Role.MANAGER):
            facts.append(("Number", number_words(enrolment.participant.mobile)))
    if session is not None:
        when = moment_words(session.starts_at, now)
        facts.append(("Session", f"{session_label(session, now)}, {when}"))
    return facts


#: Kind of task → the button that leads to where its work is done, the endpoint, and whose id it takes.
_PLACES: Mapping[str, tuple[str, str, str]] = {
    TaskKind.SUBMIT_REGISTER: ("Open register", "registers.show", "session_id"),
    TaskKind.SIGN_OFF: ("Look at sign-off", "gate.show", "enrolment_id"),
    TaskKind.PARTNER_CONTACT: ("Open the partner’s file", "partners.of_enrolment", "enrolment_id"),
    TaskKind.PARTNER_ASSESSMENT: ("Open the partner’s file", "partners.of_enrolment", "enrolment_id"),
    TaskKind.RECONSENT: ("Record the answer", "youth.show", "enrolment_id"),
    TaskKind.DECIDE_HOLD: ("Open the case", "cases.of_enrolment", "enrolment_id"),
    TaskKind.REVIEW_MONITORING: ("Open the case", "cases.of_enrolment", "enrolment_id"),
    TaskKind.STAFFING: ("Change who runs it", "cover.show", "session_id"),
    TaskKind.OFFER_PLACE: ("Choose a group", "group_places.choose", "enrolment_id"),
    TaskKind.BOOK_CATCH_UP: ("Name a catch-up", "catch_ups.ledger", "enrolment_id"),
}


def _place(task: Task) -> tuple[str, str, dict[str, int]] | None:
    """Return where the work of a task is done, if it has a page of its own."""
    if task.kind not in _PLACES:
        return None
    label, endpoint, key = _PLACES[task.kind]
    subject: int | None = getattr(task, key)
    return (label, endpoint, {key: subject}) if subject is not None and may_open(endpoint) else None
