"""What a group's page shows: its schedule, its people, who waits, and where staff are missing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from programme_tracker.accounts.models import StaffLeave
from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.queries import submissions_of
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date, to_local
from programme_tracker.people.models import Participant
from programme_tracker.programmes.queries import policy_at
from programme_tracker.programmes.rules import ProgrammePolicy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, gate_is_open
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.models import Group, Session, SessionMove, WaitingPlace
from programme_tracker.scheduling.queries import booked_counts
from programme_tracker.scheduling.rules import owed_topics
from programme_tracker.web.catch_ups.views import Absence, absences_of
from programme_tracker.web.groups.topics import settled_of, topics_in_words
from programme_tracker.web.presentation import time_words
from programme_tracker.web.sessions.views import register_state
from programme_tracker.workflows.group_places import HOLDS_A_PLACE, GroupStanding, standings
from programme_tracker.workflows.visibility import may_see_enrolment, may_see_session


@dataclass(frozen=True)
class SessionLine:
    """One sitting of the group; ``missing`` counts the people its staffing lacks."""

    session_id: int
    number: int | None
    starts_at: datetime
    staff: Sequence[str]
    state: str
    taken: int
    missing: int
    moved_from: datetime | None
    cancel_reason: str | None
    submission_id: int | None
    is_to_come: bool
    is_own: bool


@dataclass(frozen=True)
class Member:
    """Somebody of the group; ``is_gone`` when they hold no place any more, ``owed`` are topics in words."""

    enrolment_id: int
    name: str
    chip: str | None
    owed: str
    open_absences: int
    is_gone: bool
    may_open: bool


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits for a place, in the order of the list."""

    enrolment_id: int
    name: str
    since_at: datetime
    offered_at: datetime | None
    is_over: bool


@dataclass(frozen=True)
class GroupPage:
    """Everything on a group's page but the attendance matrix."""

    group: Group
    rules: ProgrammePolicy
    rhythm: str
    standing: GroupStanding
    sessions: Sequence[SessionLine]
    members: Sequence[Member]
    gone: Sequence[Member]
    waiting: Sequence[Waiting]
    absences: Mapping[int, Sequence[Absence]]

    @property
    def places_left(self) -> int:
        """Return the places that are neither taken nor offered to somebody who waits."""
        return max(self.group.capacity - self.standing.members - len(self.standing.offered_to), 0)

    @property
    def takes_newcomers(self) -> bool:
        """Tell whether anybody may still join: it is open, and has not begun or lets people in later."""
        return self.group.closed_at is None and (self.rules.rolling_entry or not self.standing.has_begun)

    @property
    def to_come(self) -> list[SessionLine]:
        """Return the sessions still to come."""
        return [line for line in self.sessions if line.is_to_come]

    @property
    def past(self) -> list[SessionLine]:
        """Return the sessions that have begun or were cancelled."""
        return [line for line in self.sessions if not line.is_to_come]

    @property
    def short(self) -> list[SessionLine]:
        """Return the sessions to come that too few people would run."""
        return [line for line in self.to_come if line.missing]


def group_page(group: Group, actor: Actor, now: datetime) -> GroupPage:
    """Return what a group's page shows to this person, in a fixed number of queries."""
    rules = policy_at(now).programmes[group.programme_code]
    sessions = sessions_of(group)
    people = people_of(group, sessions)
    absences = absences_of([one.id for one in people], now)
    members = _members(group, people, sessions, rules, absences, actor, now)
    return GroupPage(
        group=group,
        rules=rules,
        rhythm=rhythm_of(sessions, now),
        standing=standings([group.id], now)[group.id],
        sessions=_lines(sessions, rules, actor, now),
        members=[one for one in members if not one.is_gone],
        gone=[one for one in members if one.is_gone],
        waiting=_waiting(group) if actor.has(Role.CASEWORKER, Role.MANAGER) else [],
        absences=absences,
    )


def sessions_of(group: Group) -> Sequence[Session]:
    """Return a group's sessions with who runs them, in order of date."""
    return db.session.scalars(
        select(Session)
        .where(Session.group_id == group.id)
        .order_by(Session.starts_at, Session.id)
        .options(selectinload(Session.staff))
    ).all()


def rhythm_of(sessions: Sequence[Session], now: datetime) -> str:
    """Return when a group meets, "Thursdays, 6.30pm", by its next session or else its last."""
    session = next((one for one in sessions if one.starts_at > now), sessions[-1] if sessions else None)
    if session is None:
        return "no sessions"
    return f"{to_local(session.starts_at):%A}s, {time_words(session.starts_at)}"


def people_of(group: Group, sessions: Sequence[Session]) -> Sequence[Enrolment]:
    """Return who is in the group, and who was marked at its sessions and has left since, by name."""
    marked = select(Mark.enrolment_id).where(
        Mark.session_id.in_([session.id for session in sessions]), Mark.is_current
    )
    return db.session.scalars(
        select(Enrolment)
        .join(Enrolment.participant)
        .where(or_(Enrolment.group_id == group.id, Enrolment.id.in_(marked)))
        .order_by(Participant.name_folded, Enrolment.id)
        .options(joinedload(Enrolment.participant))
    ).all()


def _members(
    group: Group,
    people: Sequence[Enrolment],
    sessions: Sequence[Session],
    rules: ProgrammePolicy,
    absences: Mapping[int, Sequence[Absence]],
    actor: Actor,
    now: datetime,
) -> list[Member]:
    ids = [one.id for one in people]
    visible = set(
        db.session.scalars(select(Enrolment.id).where(Enrolment.id.in_(ids), may_see_enrolment(actor)))
    )
    settled = settled_of(ids)
    coming = next_number(sessions, rules, now)
    topics = range(1, rules.sessions + 1)
    return [
        Member(
            enrolment_id=one.id,
            name=one.participant.name,
            chip=_chip(one, actor),
            owed=topics_in_words(owed_topics(topics, settled[one.id], coming)),
            open_absences=sum(absence.is_open for absence in absences[one.id]),
            is_gone=one.group_id != group.id or one.status not in HOLDS_A_PLACE,
            may_open=one.id in visible,
        )
        for one in people
    ]


def next_number(sessions: Sequence[Session], rules: ProgrammePolicy, now: datetime) -> int:
    """Return the number of the next session still on, or one past the last."""
    numbers = [
        one.number for one in sessions if one.starts_at > now and one.cancelled_at is None and one.number
    ]
    return min(numbers, default=rules.sessions + 1)


def _chip(enrolment: Enrolment, actor: Actor) -> str | None:
    """Return how somebody stands; facilitators learn no more than suspended or not signed off."""
    if actor.has(Role.CASEWORKER, Role.MANAGER):
        return enrolment.status
    if enrolment.status == EnrolmentStatus.SUSPENDED:
        return "suspended"
    return None if gate_is_open(Gate(enrolment.gate)) else "gate_not_granted"


def _waiting(group: Group) -> list[Waiting]:
    places = db.session.scalars(
        select(WaitingPlace)
        .where(WaitingPlace.group_id == group.id, WaitingPlace.ended_at.is_(None))
        .order_by(WaitingPlace.since_at, WaitingPlace.id)
        .options(joinedload(WaitingPlace.enrolment).joinedload(Enrolment.participant))
    )
    return [
        Waiting(
            enrolment_id=place.enrolment_id,
            name=place.enrolment.participant.name,
            since_at=place.since_at,
            offered_at=place.offered_at,
            is_over=is_over(place.enrolment),
        )
        for place in places
    ]


def _lines(
    sessions: Sequence[Session], rules: ProgrammePolicy, actor: Actor, now: datetime
) -> list[SessionLine]:
    ids = [session.id for session in sessions]
    taken, receipts, moved = booked_counts(ids), submissions_of(ids), _moved_from(ids)
    own = set(db.session.scalars(select(Session.id).where(Session.id.in_(ids), may_see_session(actor))))
    away = _leave(sessions)
    return [
        SessionLine(
            session_id=one.id,
            number=one.number,
            starts_at=one.starts_at,
            staff=[person.name for person in one.staff],
            state=register_state(one, taken.get(one.id, 0), now),
            taken=taken.get(one.id, 0),
            missing=_missing(one, rules.facilitators, away),
            moved_from=moved.get(one.id),
            cancel_reason=one.cancel_reason,
            submission_id=receipts.get(one.id),
            is_to_come=one.starts_at > now and one.cancelled_at is None,
            is_own=one.id in own,
        )
        for one in sessions
    ]


def _moved_from(session_ids: Collection[int]) -> dict[int, datetime]:
    """Return when each session that moved was first to be."""
    found = select(SessionMove).where(SessionMove.session_id.in_(session_ids)).order_by(SessionMove.id.desc())
    return {move.session_id: move.from_at for move in db.session.scalars(found)}


Away = Mapping[int, Sequence[tuple[date, date]]]


def _leave(sessions: Sequence[Session]) -> Away:
    """Return when the people who run these sessions are away, in one query."""
    staff_ids = {person.id for session in sessions for person in session.staff}
    away: dict[int, list[tuple[date, date]]] = {}
    for leave in db.session.scalars(select(StaffLeave).where(StaffLeave.staff_id.in_(staff_ids))):
        away.setdefault(leave.staff_id, []).append((leave.from_on, leave.to_on))
    return away


def _missing(session: Session, needed: int, away: Away) -> int:
    """Count who is missing to run a session on its day, as the task for the manager counts them."""
    day = local_date(session.starts_at)
    there = [
        person
        for person in session.staff
        if person.is_active and not any(first <= day <= last for first, last in away.get(person.id, ()))
    ]
    return max(0, needed - len(there))
