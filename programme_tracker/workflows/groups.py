"""Groups: made with their sessions, joined from any session still to come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, serialised, transaction
from programme_tracker.kernel.working_time import from_local, is_english_bank_holiday, local_date
from programme_tracker.people.models import Participant
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.programmes.rules import ProgrammePolicy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Group, Session, SessionKind, Venue, WaitingPlace
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.scheduling.rules import weekly_starts
from programme_tracker.scheduling.services import (
    NewSession,
    add_bookings,
    add_group,
    add_session,
    venue_named,
)
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks
from programme_tracker.workflows.booking import (
    become_enrolled,
    company_of,
    refuse_company,
    refuse_enrolment,
    refuse_session,
)
from programme_tracker.workflows.group_places import (
    members_of,
    refuse_group,
    refuse_unfit_group,
    takes_newcomers,
)
from programme_tracker.workflows.permissions import DELIVERY, require
from programme_tracker.workflows.reassessing import plan_next_look
from programme_tracker.workflows.recipients import lead_for
from programme_tracker.workflows.sessions import refuse_clashes, refuse_time
from programme_tracker.workflows.texting import plan_joined


@dataclass(frozen=True)
class GroupPlan:
    """A group as a person asks for it; ``starts`` is the naive wall time of its first session."""

    name: str
    programme_code: str
    starts: datetime
    staff_ids: Sequence[int]
    venue: str | None = None
    sessions: int | None = None
    capacity: int | None = None


def create_group(plan: GroupPlan, *, actor: Actor, now: datetime) -> Group:
    """Make a group and all its sessions, weekly, bank holidays skipped (product.md §4)."""
    require(actor, *DELIVERY, why="Ask a caseworker to make this group.")
    policy = programme_policy(plan.programme_code, now)
    with transaction():
        serialised("schedule")
        refuse_time(from_local(plan.starts), now)
        venue_id = venue_named(plan.venue).id if plan.venue else None
        capacity = plan.capacity or policy.capacity
        group = add_group(plan.programme_code, plan.name, capacity, venue_id, actor=actor, now=now)
        for details in _planned(plan, policy, venue_id):
            _refuse_clash(details, now)
            add_session(replace(details, group_id=group.id), actor=actor, now=now)
        return group


def refuse_plan(plan: GroupPlan, now: datetime) -> None:
    """Refuse a group as ``create_group`` would, for showing its dates before; takes no lock."""
    refuse_time(from_local(plan.starts), now)
    venue = db.session.scalars(select(Venue).where(Venue.name == plan.venue)).first()
    policy = programme_policy(plan.programme_code, now)
    for details in _planned(plan, policy, venue.id if venue else None):
        _refuse_clash(details, now)


def _planned(plan: GroupPlan, policy: ProgrammePolicy, venue_id: int | None) -> list[NewSession]:
    """Return a group's sessions as they would be, of no group yet."""
    starts = weekly_starts(plan.starts, plan.sessions or policy.sessions, is_english_bank_holiday)
    return [
        NewSession(
            programme_code=plan.programme_code,
            kind=SessionKind.GROUP,
            starts_at=from_local(wall),
            minutes=policy.minutes,
            capacity=plan.capacity or policy.capacity,
            staff_ids=plan.staff_ids,
            number=number,
            topic=str(number),
            venue_id=venue_id,
        )
        for number, wall in enumerate(starts, start=1)
    ]


def _refuse_clash(details: NewSession, now: datetime) -> None:
    """Refuse one of many dates, naming it."""
    try:
        refuse_clashes(details)
    except RefusedError as refused:
        day = local_date(details.starts_at)
        said = f"On {day:%a} {day.day} {day:%b}: {refused.message}"
        raise RefusedError(refused.code, said, field=refused.field) from refused


def sessions_to_come(group_id: int, now: datetime) -> list[Session]:
    """Return a group's sessions that have not begun and are still on, in order of date."""
    return list(
        db.session.scalars(
            select(Session)
            .where(
                Session.group_id == group_id,
                Session.starts_at > now,
                Session.cancelled_at.is_(None),
                Session.submitted_at.is_(None),
            )
            .order_by(Session.starts_at)
        )
    )


def join_group(
    enrolment_id: int,
    group_id: int,
    *,
    actor: Actor,
    now: datetime,
    from_session: int | None = None,
    announce: bool = True,
) -> list[Session]:
    """Join a group: booked on all its sessions still to come, one text for the first of them.

    ``from_session`` is the number of the first session wanted. Raises RefusedError with the code
    of product.md §4.
    """
    require(actor, *DELIVERY, why="Ask a caseworker to enrol this person.")
    with transaction():
        group = lock_group(group_id)
        enrolment = locked(Enrolment, enrolment_id)
        locked(Participant, enrolment.participant_id)
        refuse_enrolment(enrolment)
        refuse_group(group, enrolment, now)
        _refuse_two_groups(enrolment, now)
        sessions = [
            session
            for session in sessions_to_come(group.id, now)
            if from_session is None or (session.number or 0) >= from_session
        ]
        if not sessions:
            raise RefusedError(Code.IN_THE_PAST, "This group has no session still to come.")
        company = company_of(enrolment, sessions)
        for session in sessions:
            refuse_session(session, enrolment, now)
            refuse_company(session, enrolment, company=company)
        become_enrolled(enrolment, actor=actor, now=now)
        enrolment.group_id = group.id
        # Whoever has a place waits for no other; to change group they wait anew.
        stop_waiting(enrolment.id, "enrolled", actor=actor, now=now)
        add_bookings(sessions, enrolment, actor=actor, now=now)
        plan_joined(sessions, enrolment, actor=actor, now=now, announce=announce)
        plan_next_look(enrolment, now)
        return sessions


def _refuse_two_groups(enrolment: Enrolment, now: datetime) -> None:
    """Refuse a second group while places in the first are still held; a transfer gives those up first."""
    for booking in live_bookings(enrolment.id):
        if booking.session.group_id is None or booking.session.group_id != enrolment.group_id:
            continue
        if booking.session.starts_at > now:
            raise RefusedError(Code.NOT_ALLOWED, "This person is in another group. Transfer them instead.")


def lock_group(group_id: int) -> Group:
    """Lock a group and its sessions, which every workflow locks before any enrolment."""
    group = locked(Group, group_id)
    sessions = select(Session.id).where(Session.group_id == group_id).order_by(Session.id)
    db.session.scalars(sessions.with_for_update()).all()
    return group


def wait_for_place(enrolment_id: int, group_id: int, *, actor: Actor, now: datetime) -> WaitingPlace:
    """Put a person on a group's waiting list; once is enough.

    Raises RefusedError for a group that they could not join if a place were free: closed, of another
    programme, or begun without rolling entry.
    """
    require(actor, *DELIVERY, why="Ask a caseworker to do this.")
    with transaction():
        group = locked(Group, group_id)
        enrolment = locked(Enrolment, enrolment_id)
        refuse_enrolment(enrolment)
        for place in waiting_list(group_id):
            if place.enrolment_id == enrolment_id:
                return place
        refuse_unfit_group(group, enrolment, now)
        place = WaitingPlace(group_id=group_id, enrolment_id=enrolment_id, since_at=now)
        db.session.add(place)
        db.session.flush()
        audit.record("place.awaited", place, actor=actor, at=now, enrolment_id=enrolment_id)
        return place


def waiting_list(group_id: int) -> list[WaitingPlace]:
    """Return who waits for a place in a group, first come first."""
    return list(
        db.session.scalars(
            select(WaitingPlace)
            .where(WaitingPlace.group_id == group_id, WaitingPlace.ended_at.is_(None))
            .order_by(WaitingPlace.since_at, WaitingPlace.id)
        )
    )


def offer_next_place(group_id: int, *, actor: Actor, now: datetime) -> WaitingPlace:
    """Offer a free place to the first who waits. Raises RefusedError when none is free or nobody waits."""
    require(actor, *DELIVERY, why="Ask a caseworker to offer this place.")
    with transaction():
        locked(Group, group_id)
        place = offer_freed_place(group_id, now=now)
        if place is None:
            raise RefusedError(Code.FULL, "No place is free for anybody else who waits.")
        audit.record("place.offered", place, actor=actor, at=now, enrolment_id=place.enrolment_id)
        return place


def offer_freed_place(group_id: int, *, now: datetime) -> WaitingPlace | None:
    """Offer a place that has become free to the first who waits and has not been offered one."""
    group = db.session.get_one(Group, group_id)
    waiting = waiting_list(group_id)
    offered = sum(place.offered_at is not None for place in waiting)
    if not takes_newcomers(group, now) or members_of(group_id) + offered >= group.capacity:
        return None
    place = next((one for one in waiting if one.offered_at is None), None)
    if place is None:
        return None
    place.offered_at = now
    create_task(
        TaskKind.OFFER_PLACE,
        to="lead",
        staff_id=lead_for(place.enrolment, now).staff_id,
        enrolment_id=place.enrolment_id,
        why=f"A place in {group.name} is free. Offer it, and enrol or take them off the list.",
        due_on=local_date(now),
        now=now,
    )
    return place


def stop_waiting(enrolment_id: int, why: str, *, actor: Actor, now: datetime) -> None:
    """Take a person who has a place, or whose enrolment has ended, off every waiting list.

    What was kept for them goes to the next. The caller holds the transaction and the enrolment's
    lock; groups are not locked here.
    """
    waits = select(WaitingPlace).where(
        WaitingPlace.enrolment_id == enrolment_id, WaitingPlace.ended_at.is_(None)
    )
    places = list(db.session.scalars(waits.order_by(WaitingPlace.group_id)))
    for place in places:
        place.ended_at, place.end_reason = now, why
        audit.record("place.given_up", place, actor=actor, at=now, enrolment_id=enrolment_id)
    finish_tasks(TaskKind.OFFER_PLACE, how=why, actor=actor, now=now, enrolment_id=enrolment_id)
    db.session.flush()
    for place in places:
        offer_freed_place(place.group_id, now=now)


def leave_waiting_list(enrolment_id: int, group_id: int, why: str, *, actor: Actor, now: datetime) -> None:
    """Take a person off a group's waiting list and offer the place to the next."""
    require(actor, *DELIVERY, why="Ask a caseworker to do this.")
    with transaction():
        locked(Group, group_id)
        for place in waiting_list(group_id):
            if place.enrolment_id == enrolment_id:
                place.ended_at, place.end_reason = now, why
                audit.record("place.given_up", place, actor=actor, at=now, enrolment_id=enrolment_id)
        finish_tasks(TaskKind.OFFER_PLACE, how=why, actor=actor, now=now, enrolment_id=enrolment_id)
        db.session.flush()
        offer_freed_place(group_id, now=now)


def close_group(group_id: int, *, actor: Actor, now: datetime) -> Group:
    """Close a group to newcomers; its sessions still to come stay as they are."""
    require(actor, *DELIVERY, why="Ask a caseworker to close this group.")
    with transaction():
        group = locked(Group, group_id)
        if group.closed_at is None:
            group.closed_at = now
            audit.record("group.closed", group, actor=actor, at=now)
        return group
