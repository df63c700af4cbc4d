"""Lists of what is late: the gravest first, then the longest late."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from programme_tracker.accounts.models import Staff
from programme_tracker.escalation.models import Case, Notice
from programme_tracker.escalation.queries import overdue
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.scheduling.rules import register_due_at
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.web.notices.wording import kind_title, recipient_words
from programme_tracker.web.presentation import moment_words
from programme_tracker.web.sessions.wording import session_label
from programme_tracker.web.tasks.wording import title_of
from programme_tracker.web.today.lines import Line, address, harm_of, in_order

CALENDAR = WorkingCalendar()
MOST = 200

#: For whom a task is that names nobody.
TEAMS: Mapping[str, str] = {
    "lead": "every caseworker",
    "caseworker": "every caseworker",
    "facilitator": "every facilitator",
    "victim_safety": "all of victim safety",
    "enforcement": "all of enforcement",
    "manager": "every manager",
}


def notices(now: datetime) -> list[Line]:
    """List the notices past their deadline, unreleased or unacknowledged."""
    return in_order(_notice_line(one) for one in overdue(now))


def _notice_line(notice: Notice) -> Line:
    told = recipient_words(notice)
    who = notice.facts.get("name") or "Somebody"
    kind = kind_title(notice.kind)
    unreleased = notice.released_at is None
    said = "should have been told" if unreleased else "has not acknowledged it"
    return Line(
        title=f"{who}: {kind[:1].lower()}{kind[1:]}",
        why=f"{told[:1].upper()}{told[1:]} {said}.",
        deadline=notice.deadline_at if unreleased else notice.acknowledge_by,
        url=address("cases.show", case_id=notice.case_id) if notice.case_id else None,
        action="See case",
        chips=("risk_high",) if notice.facts.get("risk") == "high" else (),
        harm=harm_of(notice),
    )


def registers(now: datetime) -> list[Line]:
    """List the registers that nobody submitted by noon of the next working day."""
    found = (
        select(Session)
        .where(
            Session.starts_at < now,
            Session.submitted_at.is_(None),
            Session.cancelled_at.is_(None),
            Session.bookings.any(Booking.ended_at.is_(None)),
        )
        .order_by(Session.starts_at)
        .limit(MOST)
        .options(joinedload(Session.group), joinedload(Session.staff))
    )
    lines = [_register_line(session, now) for session in db.session.scalars(found).unique()]
    return [line for line in lines if line.due < now]


def _register_line(session: Session, now: datetime) -> Line:
    people = ", ".join(person.name for person in session.staff) or "nobody named"
    return Line(
        title=f"{session_label(session, now)}, {moment_words(session.starts_at, now)}",
        why=f"Nobody knows yet who came. Run by {people}.",
        deadline=register_due_at(session.starts_at + timedelta(minutes=session.minutes), CALENDAR),
        url=address("registers.show", session_id=session.id),
        action="Open register",
    )


def holds(now: datetime) -> list[Line]:
    """List the holds whose review time has come while somebody is still to be told."""
    waits = Case.notices.any(Notice.released_at.is_(None) & Notice.cancelled_at.is_(None))
    found = (
        select(Case)
        .where(Case.closed_at.is_(None), Case.hold_until <= now, waits)
        .order_by(Case.hold_until)
        .options(joinedload(Case.enrolment).joinedload(Enrolment.participant))
    )
    return [
        Line(
            title=case.enrolment.participant.name,
            why="The hold has ended without a new decision. Decide with victim safety.",
            deadline=case.hold_until,
            url=address("cases.show", case_id=case.id),
            action="See case",
        )
        for case in db.session.scalars(found)
    ]


def tasks(now: datetime) -> list[Line]:
    """List everybody's tasks that were due before today; registers have a list of their own."""
    late = Task.done_at.is_(None) & (Task.due_on < local_date(now))
    late &= Task.kind != TaskKind.SUBMIT_REGISTER.value
    tasks = db.session.scalars(select(Task).where(late).order_by(Task.due_on, Task.id).limit(MOST)).all()
    people = _names(select(Staff.id, Staff.name).where(Staff.id.in_([one.staff_id for one in tasks])))
    found = select(Enrolment.id, Participant.name).join(Enrolment.participant)
    names = _names(found.where(Enrolment.id.in_([one.enrolment_id for one in tasks])))
    return [_task_line(task, names, people) for task in tasks]


def _names(found: Select[int, str]) -> dict[int, str]:
    return {key: name for key, name in db.session.execute(found)}


def _task_line(task: Task, names: Mapping[int, str], people: Mapping[int, str]) -> Line:
    what = title_of(task.kind)
    name = names.get(task.enrolment_id or 0)
    role = TEAMS.get(task.to_role, "everybody of that role")
    return Line(
        title=f"{name}: {what[:1].lower()}{what[1:]}" if name else what,
        why=f"For {people.get(task.staff_id or 0, role)}. {task.why}",
        deadline=task.due_on,
        url=address("people.enrolment", enrolment_id=task.enrolment_id) if task.enrolment_id else None,
        action="See participant",
    )
