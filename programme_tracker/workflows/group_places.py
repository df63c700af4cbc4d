"""How full a group is, and whom it takes: read before anybody asks, and again where it is done."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.programmes.rules import ProgrammePolicy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, age_refusal
from programme_tracker.scheduling.models import Group, Session, WaitingPlace

#: Enrolments that hold a place in their group.
HOLDS_A_PLACE = (
    EnrolmentStatus.ENROLLED.value,
    EnrolmentStatus.ATTENDING.value,
    EnrolmentStatus.SUSPENDED.value,
    EnrolmentStatus.BREACH_REPORTED.value,
    EnrolmentStatus.BREACH_DECIDED.value,
)


@dataclass(frozen=True)
class GroupStanding:
    """How full a group is: members, the enrolments its free places are offered to, how many wait."""

    members: int = 0
    offered_to: frozenset[int] = field(default_factory=frozenset)
    waiting: int = 0
    has_begun: bool = False


def standings(group_ids: Collection[int], now: datetime) -> dict[int, GroupStanding]:
    """Return how full each of these groups is."""
    members = _members(group_ids)
    waiting = db.session.execute(
        select(WaitingPlace.group_id, WaitingPlace.enrolment_id, WaitingPlace.offered_at).where(
            WaitingPlace.group_id.in_(group_ids), WaitingPlace.ended_at.is_(None)
        )
    ).all()
    begun = set(
        db.session.scalars(
            select(Session.group_id)
            .where(Session.group_id.in_(group_ids), Session.starts_at <= now)
            .distinct()
        )
    )
    return {
        group_id: GroupStanding(
            members=members.get(group_id, 0),
            offered_to=frozenset(who for of, who, offered in waiting if of == group_id and offered),
            waiting=sum(of == group_id for of, _, _ in waiting),
            has_begun=group_id in begun,
        )
        for group_id in group_ids
    }


def refuse_group(
    group: Group,
    enrolment: Enrolment,
    now: datetime,
    standing: GroupStanding | None = None,
    policy: ProgrammePolicy | None = None,
) -> None:
    """Refuse a group that this person may not join; takes no lock.

    ``standing`` and the programme's ``policy`` save looking again when many groups are weighed. A
    place offered to somebody who waits is kept for them.
    """
    standing = standing or standings([group.id], now)[group.id]
    refuse_unfit_group(group, enrolment, now, standing, policy)
    if standing.members >= group.capacity:
        raise RefusedError(Code.FULL, "Every place in the group is taken. Keep them on the waiting list.")
    if standing.members + len(standing.offered_to - {enrolment.id}) >= group.capacity:
        raise RefusedError(
            Code.FULL, "The free place is offered to somebody who waits. Keep them on the waiting list."
        )


def refuse_unfit_group(
    group: Group,
    enrolment: Enrolment,
    now: datetime,
    standing: GroupStanding | None = None,
    policy: ProgrammePolicy | None = None,
) -> None:
    """Refuse a group that this person may neither join nor wait for, however many places are free."""
    policy = policy or programme_policy(group.programme_code, now)
    person = enrolment.participant
    standing = standing or standings([group.id], now)[group.id]
    if group.programme_code != enrolment.programme_code:
        raise RefusedError(Code.NOT_ALLOWED, "That group belongs to another programme.")
    if enrolment.group_id == group.id:
        raise RefusedError(Code.NOT_ALLOWED, "This person is in that group already.")
    unfit = age_refusal(person.born_on, local_date(now), policy.min_age, policy.max_age)
    if unfit:
        raise RefusedError(Code.NOT_ELIGIBLE, unfit)
    if group.closed_at is not None:
        raise RefusedError(Code.NOT_ALLOWED, "That group is closed.")
    if not policy.rolling_entry and standing.has_begun:
        raise RefusedError(Code.NOT_ALLOWED, "That group has begun and takes nobody new.")


def takes_newcomers(group: Group, now: datetime) -> bool:
    """Tell whether a group is open, and has not begun or lets people in after its start."""
    if group.closed_at is not None:
        return False
    if programme_policy(group.programme_code, now).rolling_entry:
        return True
    return not standings([group.id], now)[group.id].has_begun


def members_of(group_id: int) -> int:
    """Count those who hold a place in a group."""
    return _members([group_id]).get(group_id, 0)


def _members(group_ids: Collection[int]) -> dict[int, int]:
    counted = (
        select(Enrolment.group_id, func.count())
        .where(Enrolment.group_id.in_(group_ids), Enrolment.status.in_(HOLDS_A_PLACE))
        .group_by(Enrolment.group_id)
    )
    return {group_id: count for group_id, count in db.session.execute(counted) if group_id is not None}
