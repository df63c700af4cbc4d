"""The attendance matrix: people by sessions, a letter and a colour in each cell."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.rules import AbsenceState, Outcome
from programme_tracker.kernel.database import db
from programme_tracker.scheduling.models import Booking
from programme_tracker.web.groups.letters import BOOKED, LEGEND, LETTERS, NOT_SUBMITTED, NOT_THERE, Letter
from programme_tracker.web.groups.views import GroupPage, Member, SessionLine

Key = tuple[int, int]


@dataclass(frozen=True)
class Row:
    """One person's line."""

    member: Member
    cells: Sequence[Letter]


@dataclass(frozen=True)
class Matrix:
    """People by sessions, with the legend of the letters that may stand in it."""

    columns: Sequence[SessionLine]
    rows: Sequence[Row]
    legend: Sequence[Letter] = LEGEND


def matrix_of(page: GroupPage, now: datetime) -> Matrix:
    """Return a group's attendance, those who left below the others."""
    people = [*page.members, *page.gone]
    ids = [one.enrolment_id for one in people]
    columns = list(page.sessions)
    marks, booked = _marks(ids, columns), _booked(ids, columns)
    made_up = _made_up(page)
    rows = [
        Row(one, [_cell(one.enrolment_id, line, marks, booked, made_up, now) for line in columns])
        for one in people
    ]
    return Matrix(columns, rows)


def _marks(enrolment_ids: Collection[int], columns: Sequence[SessionLine]) -> dict[Key, Outcome]:
    found = select(Mark.enrolment_id, Mark.session_id, Mark.outcome).where(
        Mark.enrolment_id.in_(enrolment_ids),
        Mark.session_id.in_([line.session_id for line in columns]),
        Mark.is_current,
    )
    return {(who, where): Outcome(outcome) for who, where, outcome in db.session.execute(found)}


def _booked(enrolment_ids: Collection[int], columns: Sequence[SessionLine]) -> set[Key]:
    found = select(Booking.enrolment_id, Booking.session_id).where(
        Booking.enrolment_id.in_(enrolment_ids),
        Booking.session_id.in_([line.session_id for line in columns]),
        Booking.ended_at.is_(None),
    )
    return {(who, where) for who, where in db.session.execute(found)}


def _made_up(page: GroupPage) -> set[Key]:
    return {
        (absence.enrolment_id, absence.session_id)
        for absences in page.absences.values()
        for absence in absences
        if absence.state is AbsenceState.CAUGHT_UP
    }


def _cell(
    enrolment_id: int,
    line: SessionLine,
    marks: Mapping[Key, Outcome],
    booked: Collection[Key],
    made_up: Collection[Key],
    now: datetime,
) -> Letter:
    key = (enrolment_id, line.session_id)
    outcome = marks.get(key)
    if outcome is not None:
        letter = LETTERS[outcome]
        caught_up = key in made_up
        return (
            replace(letter, letter=f"{letter.letter}+", words=f"{letter.words}, made up")
            if caught_up
            else letter
        )
    if key not in booked:
        return NOT_THERE
    if line.state == "cancelled":
        return LETTERS[Outcome.EXCUSED_PROVIDER]
    return BOOKED if line.starts_at > now else NOT_SUBMITTED
