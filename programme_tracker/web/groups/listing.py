"""What the list of groups shows: running, to come, ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload, selectinload

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.programmes.queries import policy_at
from programme_tracker.scheduling.models import Group, Session
from programme_tracker.workflows.group_places import GroupStanding, standings
from programme_tracker.workflows.visibility import may_see_group

#: Ended groups shown, the last ended first.
MOST_ENDED = 30


@dataclass(frozen=True)
class GroupLine:
    """One group in a list."""

    group_id: int
    name: str
    programme: str
    venue: str | None
    capacity: int
    taken: int
    waiting: int
    is_closed: bool
    starts_at: datetime | None
    ended_at: datetime | None
    next_at: datetime | None
    next_number: int | None
    staff: Sequence[str]


@dataclass(frozen=True)
class GroupList:
    """Groups by where they stand: running, not begun yet, nothing left to come."""

    running: Sequence[GroupLine]
    to_come: Sequence[GroupLine]
    ended: Sequence[GroupLine]


Span = tuple[datetime, datetime]


def groups_listed(actor: Actor, now: datetime) -> GroupList:
    """Return the groups this person may see; facilitators those they run."""
    groups = db.session.scalars(
        select(Group).where(may_see_group(actor)).options(joinedload(Group.venue)).order_by(Group.id)
    ).all()
    ids = [group.id for group in groups]
    spans, coming, standing = _spans(ids), next_sessions(ids, now), standings(ids, now)
    titles = {code: rules.title for code, rules in policy_at(now).programmes.items()}
    lines = [_line(one, titles, standing[one.id], spans.get(one.id), coming.get(one.id)) for one in groups]
    open_ones = sorted((line for line in lines if line.next_at), key=lambda line: (line.next_at, line.name))
    ended = sorted((line for line in lines if not line.next_at), key=_ended, reverse=True)
    return GroupList(
        running=[line for line in open_ones if line.starts_at and line.starts_at <= now],
        to_come=[line for line in open_ones if not line.starts_at or line.starts_at > now],
        ended=ended[:MOST_ENDED],
    )


def _ended(line: GroupLine) -> tuple[bool, datetime | None, int]:
    return line.ended_at is not None, line.ended_at, line.group_id


def _line(
    group: Group,
    titles: dict[str, str],
    standing: GroupStanding,
    span: Span | None,
    coming: Session | None,
) -> GroupLine:
    return GroupLine(
        group_id=group.id,
        name=group.name,
        programme=titles.get(group.programme_code, group.programme_code),
        venue=group.venue.name if group.venue else None,
        capacity=group.capacity,
        taken=standing.members,
        waiting=standing.waiting,
        is_closed=group.closed_at is not None,
        starts_at=span[0] if span else None,
        ended_at=span[1] if span else None,
        next_at=coming.starts_at if coming else None,
        next_number=coming.number if coming else None,
        staff=[person.name for person in coming.staff] if coming else [],
    )


def _spans(group_ids: Collection[int]) -> dict[int, Span]:
    """Return when each group begins and when its last session begins, cancelled ones left out."""
    found = (
        select(Session.group_id, func.min(Session.starts_at), func.max(Session.starts_at))
        .where(Session.group_id.in_(group_ids), Session.cancelled_at.is_(None))
        .group_by(Session.group_id)
    )
    return {of: (first, last) for of, first, last in db.session.execute(found) if of is not None}


def next_sessions(group_ids: Collection[int], now: datetime) -> dict[int, Session]:
    """Return the next session of each group, with who runs it; those without one are left out."""
    soonest = (
        select(Session.group_id, func.min(Session.starts_at).label("at"))
        .where(Session.group_id.in_(group_ids), Session.starts_at > now, Session.cancelled_at.is_(None))
        .group_by(Session.group_id)
        .subquery()
    )
    found = db.session.scalars(
        select(Session)
        .join(soonest, and_(soonest.c.group_id == Session.group_id, soonest.c.at == Session.starts_at))
        .where(Session.cancelled_at.is_(None))
        .options(selectinload(Session.staff))
    )
    return {session.group_id: session for session in found if session.group_id is not None}
