"""Which groups somebody may join, and what a place or a transfer would mean for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.working_time import local_date, to_local
from programme_tracker.programmes.queries import policy_at, programme_policy
from programme_tracker.programmes.rules import ProgrammePolicy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Group, Session, WaitingPlace
from programme_tracker.scheduling.rules import owed_topics, transfer_gap_is_neutral
from programme_tracker.web.groups.topics import credits_of, settled_of, topics_in_words
from programme_tracker.web.presentation import counted, day_words, moment_words, time_words
from programme_tracker.workflows.booking import refuse_enrolment
from programme_tracker.workflows.group_places import GroupStanding, refuse_group, standings


@dataclass(frozen=True)
class Choice:
    """One group of somebody's programme, weighed for them; ``owed`` are topics in words."""

    group_id: int
    name: str
    rhythm: str
    venue: str | None
    first: Session
    later: Sequence[Session]
    places_left: int
    capacity: int
    waiting: int
    owed: str
    refusal: str | None
    is_full: bool
    is_own: bool
    waiting_since_at: datetime | None
    is_offered: bool

    @property
    def may_wait(self) -> bool:
        """Tell whether the waiting list is what is left."""
        return self.is_full and self.waiting_since_at is None


@dataclass(frozen=True)
class Weighed:
    """Somebody for whom groups are weighed: their programme's rules and the topics they have done."""

    enrolment: Enrolment
    rules: ProgrammePolicy
    settled: frozenset[int]
    now: datetime

    def owed_from(self, first: Session) -> str:
        """Return the topics owed when starting at this session, in words; empty for none."""
        topics = range(1, self.rules.sessions + 1)
        return topics_in_words(owed_topics(topics, self.settled, first.number or 1))


def choices_for(enrolment: Enrolment, now: datetime) -> list[Choice]:
    """Return the open groups of somebody's programme that have a session to come, soonest first."""
    groups = db.session.scalars(
        select(Group)
        .where(Group.programme_code == enrolment.programme_code, Group.closed_at.is_(None))
        .options(joinedload(Group.venue))
        .order_by(Group.id)
    ).all()
    ids = [group.id for group in groups]
    coming, standing = _sessions_to_come(ids, now), standings(ids, now)
    waits = _waits(enrolment.id)
    person = Weighed(enrolment, programme_policy(enrolment.programme_code, now), _settled(enrolment), now)
    choices = [
        _choice(group, coming[group.id], standing[group.id], waits.get(group.id), person)
        for group in groups
        if group.id in coming
    ]
    return sorted(choices, key=lambda choice: choice.first.starts_at)


def choice_for(enrolment: Enrolment, group_id: int, now: datetime) -> Choice | None:
    """Return one group weighed for somebody; None when it is not among their choices."""
    return next((one for one in choices_for(enrolment, now) if one.group_id == group_id), None)


def _sessions_to_come(group_ids: Collection[int], now: datetime) -> dict[int, list[Session]]:
    found: dict[int, list[Session]] = {}
    sessions = db.session.scalars(
        select(Session)
        .where(
            Session.group_id.in_(group_ids),
            Session.starts_at > now,
            Session.cancelled_at.is_(None),
            Session.submitted_at.is_(None),
        )
        .order_by(Session.starts_at, Session.id)
    )
    for session in sessions:
        found.setdefault(session.group_id or 0, []).append(session)
    return found


def _waits(enrolment_id: int) -> dict[int, WaitingPlace]:
    found = select(WaitingPlace).where(
        WaitingPlace.enrolment_id == enrolment_id, WaitingPlace.ended_at.is_(None)
    )
    return {place.group_id: place for place in db.session.scalars(found)}


def _choice(
    group: Group,
    coming: Sequence[Session],
    standing: GroupStanding,
    waits: WaitingPlace | None,
    person: Weighed,
) -> Choice:
    enrolment, first, refused = person.enrolment, coming[0], _refusal(group, standing, person)
    kept = len(standing.offered_to - {enrolment.id})
    return Choice(
        group_id=group.id,
        name=group.name,
        rhythm=f"{to_local(first.starts_at):%A}s, {time_words(first.starts_at)}",
        venue=group.venue.name if group.venue else None,
        first=first,
        later=coming[1:],
        places_left=max(group.capacity - standing.members - kept, 0),
        capacity=group.capacity,
        waiting=standing.waiting,
        owed=person.owed_from(first),
        refusal=refused.message if refused else None,
        is_full=refused is not None and refused.code is Code.FULL,
        is_own=enrolment.group_id == group.id,
        waiting_since_at=waits.since_at if waits else None,
        is_offered=waits is not None and waits.offered_at is not None,
    )


def _refusal(group: Group, standing: GroupStanding, person: Weighed) -> RefusedError | None:
    try:
        refuse_group(group, person.enrolment, person.now, standing, person.rules)
    except RefusedError as refused:
        return refused
    return None


def _credits(enrolment: Enrolment) -> frozenset[int]:
    return credits_of([enrolment.id])[enrolment.id]


def _settled(enrolment: Enrolment) -> frozenset[int]:
    return settled_of([enrolment.id])[enrolment.id]


def starts_for(enrolment: Enrolment, choice: Choice, now: datetime) -> list[tuple[Session, str]]:
    """Return the sessions somebody may start with, each with the topics owed from it on."""
    person = Weighed(enrolment, programme_policy(enrolment.programme_code, now), _settled(enrolment), now)
    return [(session, person.owed_from(session)) for session in (choice.first, *choice.later)]


def barred_words(enrolment: Enrolment) -> str | None:
    """Say why this enrolment may join no group at all, or None."""
    try:
        refuse_enrolment(enrolment)
    except RefusedError as refused:
        return refused.message
    return None


def transfer_consequences(enrolment: Enrolment, choice: Choice, now: datetime) -> list[str]:
    """Say what a transfer to this group does, in the order in which it happens."""
    today = local_date(now)
    credited = topics_in_words(_credits(enrolment))
    left = _places_given_up(enrolment, now)
    given_up = (
        f"{counted(left, 'place').capitalize()} in the old group {'is' if left == 1 else 'are'} given up"
    )
    night = f"{choice.rhythm}, from {day_words(choice.first.starts_at, today)}"
    return [
        f"Victim safety is told the new night now: {night}.",
        f"{given_up}; their reminders are dropped.",
        "One text about the first session goes to the participant; its reminders follow.",
        f"Topics done stay done: {credited}." if credited else "No topic is done yet, so none is carried.",
        "Absences so far go on counting: a new group does not begin them anew.",
        f"Topics owed in the new group: {choice.owed}." if choice.owed else "No topic is owed.",
        _gap_words(today, local_date(choice.first.starts_at), now),
    ]


def _gap_words(today: date, first_on: date, now: datetime) -> str:
    longest = policy_at(now).general.transfer_neutral_days
    neutral, days = transfer_gap_is_neutral(today, first_on, longest), (first_on - today).days
    said = f"The first session is in {counted(days, 'day')}" if days else "The first session is today"
    if neutral:
        return f"{said}: the gap counts for nothing."
    return f"{said}: more than {longest} days, so the gap counts as time without contact."


def held_group(enrolment: Enrolment, now: datetime) -> Group | None:
    """Return the group in which somebody still holds places to come; changing it is a transfer."""
    if enrolment.group_id is None or not _places_given_up(enrolment, now):
        return None
    return db.session.get(Group, enrolment.group_id)


def _places_given_up(enrolment: Enrolment, now: datetime) -> int:
    found = (
        select(Booking.id)
        .join(Booking.session)
        .where(
            Booking.enrolment_id == enrolment.id,
            Booking.ended_at.is_(None),
            Session.group_id == enrolment.group_id,
            Session.starts_at > now,
        )
    )
    return len(db.session.scalars(found).all())


def first_words(choice: Choice, now: datetime) -> str:
    """Name the first session of a choice: "week 7, Thu 26 Nov, 6.30pm"."""
    when = moment_words(choice.first.starts_at, now)
    return f"week {choice.first.number}, {when}" if choice.first.number else when
