"""What the page of a week shows: seven days, each with the appointments somebody runs."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload

from programme_tracker.attendance.models import Mark
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import at_local, bank_holiday_name, local_date
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Session, SessionKind, SessionMove, SessionStaff
from programme_tracker.web.presentation import counted
from programme_tracker.web.sessions.views import register_state
from programme_tracker.web.sessions.wording import KIND_WORDS, programme_titles
from programme_tracker.workflows.visibility import may_see_enrolment, may_see_session

DAYS = 7

#: Sessions shown of one week; rooms or groups in number are looked at one by one.
MOST = 300

#: Sessions of one person alone, recorded and moved from the week itself.
ONE_PERSON = frozenset({SessionKind.ONE_TO_ONE.value, SessionKind.ASSESSMENT.value})

#: A register's state as (chip, words); none where an outcome is shown instead.
_STATES = {
    "planned": ("planned", "To come"),
    "due": ("due", "Register due"),
    "overdue": ("overdue", "Register overdue"),
    "submitted": ("submitted", "Register in"),
    "cancelled": ("cancelled", "Cancelled"),
    "empty": ("closed", "Nobody booked"),
}


@dataclass(frozen=True)
class Appointment:
    """One session in a week: with whom, what, where, and how it stands.

    ``enrolment_id`` is set where it is one person's alone; ``token`` is for recording it once.
    """

    session_id: int
    starts_at: datetime
    ends_at: datetime
    who: str
    kind: str
    place: str | None
    chip: str
    words: str | None
    enrolment_id: int | None
    moved_from: datetime | None
    can_record: bool
    can_move: bool
    token: str
    staff: Sequence[str]

    @property
    def is_one_persons(self) -> bool:
        """Tell whether this is an appointment with one person."""
        return self.enrolment_id is not None


@dataclass(frozen=True)
class Day:
    """One London date of a week."""

    on: date
    holiday: str | None
    is_today: bool
    appointments: Sequence[Appointment]


@dataclass(frozen=True)
class Week:
    """Monday to Sunday; ``is_cut`` where there was too much to show."""

    days: Sequence[Day]
    is_cut: bool = False

    @property
    def monday(self) -> date:
        """The first day."""
        return self.days[0].on

    @property
    def sunday(self) -> date:
        """The last day."""
        return self.days[-1].on

    @property
    def previous(self) -> date:
        """The Monday before."""
        return self.monday - timedelta(days=DAYS)

    @property
    def following(self) -> date:
        """The Monday after."""
        return self.monday + timedelta(days=DAYS)

    @property
    def count(self) -> int:
        """How many appointments there are."""
        return sum(len(day.appointments) for day in self.days)


@dataclass(frozen=True)
class _Read:
    """What belongs to the sessions of a week, by session."""

    people: dict[int, list[Booking]]
    outcomes: dict[tuple[int, int], str]
    moved_from: dict[int, datetime]
    titles: dict[str, str]
    #: The enrolments whose page this person may open; of others no name is shown.
    seen: frozenset[int]


def week_of(day: date, staff_id: int, actor: Actor, now: datetime) -> Week:
    """Return the week a London date falls in, with the sessions one member of staff runs."""
    own = select(SessionStaff.session_id).where(SessionStaff.staff_id == staff_id)
    return _week(day, Session.id.in_(own), actor, now)


def week_of_rooms(day: date, venue_id: int | None, actor: Actor, now: datetime) -> Week:
    """Return the week a London date falls in, with what happens in one room, or in all of them."""
    where = Session.venue_id.is_not(None) if venue_id is None else Session.venue_id == venue_id
    return _week(day, where, actor, now)


def week_of_groups(day: date, group_id: int | None, actor: Actor, now: datetime) -> Week:
    """Return the week a London date falls in, with one group's sessions, or those of all groups."""
    where = Session.group_id.is_not(None) if group_id is None else Session.group_id == group_id
    return _week(day, where, actor, now)


def _week(day: date, wanted: ColumnElement[bool], actor: Actor, now: datetime) -> Week:
    monday = day - timedelta(days=day.weekday())
    found = _sessions(monday, wanted, actor)
    sessions = found[:MOST]
    read = _read([session.id for session in sessions], actor, now)
    by_day: dict[date, list[Appointment]] = defaultdict(list)
    for session in sessions:
        by_day[local_date(session.starts_at)].append(_appointment(session, read, now))
    days = [monday + timedelta(days=count) for count in range(DAYS)]
    today = local_date(now)
    shown = [Day(one, bank_holiday_name(one), one == today, by_day[one]) for one in days]
    return Week(shown, is_cut=len(found) > MOST)


def _sessions(monday: date, wanted: ColumnElement[bool], actor: Actor) -> Sequence[Session]:
    found = select(Session).where(
        wanted,
        may_see_session(actor),
        Session.starts_at >= at_local(monday, time()),
        Session.starts_at < at_local(monday + timedelta(days=DAYS), time()),
    )
    order = found.order_by(Session.starts_at, Session.id).limit(MOST + 1)
    read_along = (joinedload(Session.venue), joinedload(Session.group), selectinload(Session.staff))
    return db.session.scalars(order.options(*read_along)).all()


def _read(ids: Collection[int], actor: Actor, now: datetime) -> _Read:
    people: dict[int, list[Booking]] = defaultdict(list)
    booked = select(Booking).where(Booking.session_id.in_(ids), Booking.ended_at.is_(None))
    for booking in db.session.scalars(
        booked.order_by(Booking.enrolment_id).options(
            joinedload(Booking.enrolment).joinedload(Enrolment.participant)
        )
    ):
        people[booking.session_id].append(booking)
    marks = select(Mark.session_id, Mark.enrolment_id, Mark.outcome)
    rows = db.session.execute(marks.where(Mark.session_id.in_(ids), Mark.is_current))
    outcomes = {(session_id, enrolment_id): outcome for session_id, enrolment_id, outcome in rows}
    moves = select(SessionMove.session_id, SessionMove.from_at).where(SessionMove.session_id.in_(ids))
    moved = {session_id: at for session_id, at in db.session.execute(moves.order_by(SessionMove.id))}
    enrolment_ids = {booking.enrolment_id for booked in people.values() for booking in booked}
    open_ones = select(Enrolment.id).where(Enrolment.id.in_(enrolment_ids), may_see_enrolment(actor))
    return _Read(people, outcomes, moved, programme_titles(now), frozenset(db.session.scalars(open_ones)))


def _appointment(session: Session, read: _Read, now: datetime) -> Appointment:
    booked = read.people.get(session.id, [])
    is_one = session.kind in ONE_PERSON and len(booked) == 1 and booked[0].enrolment_id in read.seen
    state = register_state(session, len(booked), now)
    chip, words = _shown(state, read.outcomes.get((session.id, booked[0].enrolment_id)) if is_one else None)
    kind = KIND_WORDS[SessionKind(session.kind)]
    title = read.titles.get(session.programme_code, session.programme_code)
    return Appointment(
        session_id=session.id,
        starts_at=session.starts_at,
        ends_at=session.starts_at + timedelta(minutes=session.minutes),
        who=booked[0].enrolment.participant.name if is_one else _group_name(session, kind, title),
        kind=f"{title} {kind}" if is_one else counted(len(booked), "person", "people").capitalize(),
        place=session.venue.name if session.venue else None,
        chip=chip,
        words=words,
        enrolment_id=booked[0].enrolment_id if is_one else None,
        moved_from=read.moved_from.get(session.id),
        can_record=state in {"due", "overdue"},
        can_move=state == "planned",
        token=uuid4().hex,
        staff=[person.name for person in session.staff],
    )


def _group_name(session: Session, kind: str, title: str) -> str:
    if session.part:
        return f"{title} part {session.part}"
    if session.group is not None and session.number:
        return f"{session.group.name}, week {session.number}"
    return f"{title} {kind}"


def _shown(state: str, outcome: str | None) -> tuple[str, str | None]:
    if outcome is None or state == "cancelled":
        return _STATES[state]
    return outcome, "No-show" if outcome == "absent" else None
