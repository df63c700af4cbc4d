"""What a group would be before it is made: its dates, the bank holidays it skips, who is away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from programme_tracker.accounts.models import Staff, StaffLeave
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import (
    bank_holiday_name,
    from_local,
    is_english_bank_holiday,
    local_date,
    to_local,
)
from programme_tracker.programmes.queries import policy_at
from programme_tracker.programmes.rules import Form, ProgrammePolicy
from programme_tracker.scheduling.models import Group, Session
from programme_tracker.scheduling.rules import WEEK, weekly_starts
from programme_tracker.workflows.groups import GroupPlan

#: How long after making a group the same form counts as sent twice.
TWICE = timedelta(minutes=10)

GROUP_FORMS = frozenset({Form.WEEKLY_GROUP, Form.SESSIONS_BEFORE_GROUP})


@dataclass(frozen=True)
class Preview:
    """A group as it would be; ``skipped`` are bank holidays with their names, ``missing`` counts people."""

    rules: ProgrammePolicy
    capacity: int
    starts: Sequence[datetime]
    skipped: Sequence[tuple[date, str]]
    clock_changes: Sequence[date]
    staff: Sequence[str]
    missing: int
    away: Sequence[tuple[str, Sequence[date]]]


def programmes_with_groups(now: datetime) -> dict[str, ProgrammePolicy]:
    """Return the programmes that are given in groups, by code, under the policy in force."""
    return {code: rules for code, rules in policy_at(now).programmes.items() if rules.form in GROUP_FORMS}


def preview_of(plan: GroupPlan, now: datetime) -> Preview:
    """Return what a plan leads to; nothing is written and nothing is refused."""
    rules = policy_at(now).programmes[plan.programme_code]
    walls = weekly_starts(plan.starts, plan.sessions or rules.sessions, is_english_bank_holiday)
    starts = [from_local(wall) for wall in walls]
    staff = db.session.scalars(select(Staff).where(Staff.id.in_(plan.staff_ids)).order_by(Staff.name)).all()
    return Preview(
        rules=rules,
        capacity=plan.capacity or rules.capacity,
        starts=starts,
        skipped=skipped_days([wall.date() for wall in walls]),
        clock_changes=clock_changes(starts),
        staff=[person.name for person in staff],
        missing=max(rules.facilitators - len(staff), 0),
        away=_away(staff, [wall.date() for wall in walls]),
    )


def skipped_days(days: Sequence[date]) -> list[tuple[date, str]]:
    """Return the weeks left out between the first and the last of weekly ``days``, with why."""
    skipped, day = [], days[0]
    while day <= days[-1]:
        if day not in days:
            skipped.append((day, bank_holiday_name(day) or "left out"))
        day += WEEK
    return skipped


def clock_changes(starts: Sequence[datetime]) -> list[date]:
    """Return the first days after the clocks changed; the wall time stays the same all along."""
    offsets = [to_local(moment).utcoffset() for moment in starts]
    return [
        local_date(starts[place]) for place in range(1, len(starts)) if offsets[place] != offsets[place - 1]
    ]


def _away(staff: Sequence[Staff], days: Sequence[date]) -> list[tuple[str, list[date]]]:
    """Return who is on leave on which of these days."""
    leave = db.session.scalars(
        select(StaffLeave).where(StaffLeave.staff_id.in_([person.id for person in staff]))
    ).all()
    found = []
    for person in staff:
        spans = [(one.from_on, one.to_on) for one in leave if one.staff_id == person.id]
        gone = [day for day in days if any(first <= day <= last for first, last in spans)]
        if gone:
            found.append((person.name, gone))
    return found


def twin_of(plan: GroupPlan, now: datetime) -> Group | None:
    """Return the same group made a moment ago: the form came twice."""
    return db.session.scalars(
        select(Group)
        .join(Group.sessions)
        .where(
            Group.programme_code == plan.programme_code,
            Group.name == plan.name,
            Group.created_at > now - TWICE,
            Session.number == 1,
            Session.starts_at == from_local(plan.starts),
        )
    ).first()
