"""Who is away in the next fortnight, and whose work falls to whom on which days."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import groupby

from sqlalchemy import Select, func, select

from programme_tracker.accounts.models import Staff, StaffLeave
from programme_tracker.accounts.rules import leave_covers
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session, SessionStaff
from programme_tracker.tasks.models import Task

FORTNIGHT = 14

ROLE_WORDS = {
    Role.FACILITATOR: "facilitator",
    Role.CASEWORKER: "caseworker",
    Role.VICTIM_SAFETY: "victim safety",
    Role.POLICE: "police",
    Role.ENFORCEMENT: "enforcement",
    Role.MANAGER: "manager",
    Role.ADMIN: "administrator",
}

Leaves = Mapping[int, Sequence[StaffLeave]]


@dataclass(frozen=True)
class Cover:
    """To whom somebody's work falls on some days running; nobody named means the whole role."""

    from_on: date
    to_on: date
    by: str | None


@dataclass(frozen=True)
class AwayPerson:
    """Somebody away: on which days, who covers, and how much work there is."""

    staff_id: int
    name: str
    role: str
    covers: Sequence[Cover]
    cases: int
    tasks: int
    sessions: int
    first_session_on: date | None

    @property
    def is_uncovered(self) -> bool:
        """Tell whether on some day nobody is named."""
        return any(cover.by is None for cover in self.covers)


def away_from(today: date) -> list[AwayPerson]:
    """Return who is away between today and a fortnight on, those nobody covers first.

    The number of queries does not grow with them.
    """
    last = today + timedelta(days=FORTNIGHT - 1)
    found = select(StaffLeave).where(StaffLeave.to_on >= today, StaffLeave.from_on <= last)
    leaves: dict[int, list[StaffLeave]] = defaultdict(list)
    for leave in db.session.scalars(found.order_by(StaffLeave.from_on, StaffLeave.id)):
        leaves[leave.staff_id].append(leave)
    staff = {person.id: person for person in db.session.scalars(select(Staff))}
    away = [staff[staff_id] for staff_id in leaves if staff[staff_id].is_active]
    days = [today + timedelta(days=count) for count in range(FORTNIGHT)]
    work = _work_of([person.id for person in away], today)
    shown = [_person(person, staff, leaves, days, work) for person in away]
    return sorted(shown, key=lambda one: (not one.is_uncovered, one.covers[0].from_on, one.name))


@dataclass(frozen=True)
class _Work:
    cases: Mapping[int, int]
    tasks: Mapping[int, int]
    sessions: Mapping[int, Sequence[date]]


def _person(
    person: Staff, staff: Mapping[int, Staff], leaves: Leaves, days: Sequence[date], work: _Work
) -> AwayPerson:
    away_on = [day for day in days if _is_away(person.id, leaves, day)]
    covers = [_cover(run) for run in _runs([(day, _by(person, staff, leaves, day)) for day in away_on])]
    missed = [day for day in work.sessions.get(person.id, ()) if day in set(away_on)]
    return AwayPerson(
        staff_id=person.id,
        name=person.name,
        role=" and ".join(ROLE_WORDS[role] for role in Role if role in person.roles),
        covers=covers,
        cases=work.cases.get(person.id, 0),
        tasks=work.tasks.get(person.id, 0),
        sessions=len(missed),
        first_session_on=min(missed, default=None),
    )


def _runs(days: Sequence[tuple[date, str | None]]) -> list[list[tuple[date, str | None]]]:
    """Split days into runs: one after the other, with the same person covering."""

    def together(numbered: tuple[int, tuple[date, str | None]]) -> tuple[date, str | None]:
        count, (day, by) = numbered
        return day - timedelta(days=count), by

    return [[pair for _, pair in run] for _, run in groupby(enumerate(days), key=together)]


def _cover(run: Sequence[tuple[date, str | None]]) -> Cover:
    return Cover(run[0][0], run[-1][0], run[0][1])


def _by(person: Staff, staff: Mapping[int, Staff], leaves: Leaves, day: date) -> str | None:
    """Return the deputy's name when they are there; as ``accounts.queries.stand_in`` decides."""
    deputy = staff.get(person.deputy_id or 0)
    there = deputy is not None and deputy.is_active and not _is_away(deputy.id, leaves, day)
    return deputy.name if deputy is not None and there else None


def _is_away(staff_id: int, leaves: Leaves, day: date) -> bool:
    return any(leave_covers(leave.from_on, leave.to_on, day) for leave in leaves.get(staff_id, ()))


def _counts(counted: Select[int | None, int]) -> dict[int, int]:
    return {staff_id: count for staff_id, count in db.session.execute(counted) if staff_id is not None}


def _work_of(ids: Collection[int], today: date) -> _Work:
    cases: Counter[int] = Counter()
    for column in (Enrolment.lead_id, Enrolment.worker_id):
        counted = select(column, func.count()).where(column.in_(ids), Enrolment.ended_at.is_(None))
        cases.update(_counts(counted.group_by(column)))
    open_tasks = select(Task.staff_id, func.count()).where(Task.staff_id.in_(ids), Task.done_at.is_(None))
    tasks = _counts(open_tasks.group_by(Task.staff_id))
    sessions: dict[int, list[date]] = defaultdict(list)
    ahead = (
        select(SessionStaff.staff_id, Session.starts_at)
        .join(Session, Session.id == SessionStaff.session_id)
        .where(SessionStaff.staff_id.in_(ids), Session.cancelled_at.is_(None))
        .where(Session.starts_at >= at_local(today, time()))
        .where(Session.starts_at < at_local(today + timedelta(days=FORTNIGHT), time()))
    )
    for staff_id, starts_at in db.session.execute(ahead):
        sessions[staff_id].append(local_date(starts_at))
    return _Work(cases, tasks, sessions)
