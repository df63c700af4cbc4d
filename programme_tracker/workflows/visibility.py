"""Who sees what: conditions that lists, pages and searches share, so that they agree.

What a person may not see is absent for them (product.md §1). Everything is refused that no line
here allows.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, false, func, or_, select, true, union_all
from sqlalchemy.orm import aliased

from programme_tracker.accounts.models import Staff, StaffLeave
from programme_tracker.escalation.models import Case, Notice
from programme_tracker.escalation.queries import addressed_to, answerable_by
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import Recipient
from programme_tracker.people.models import SeparatedPair
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.scheduling.models import Booking, Group, Session, SessionStaff
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.queries import open_view

#: Kinds of notice that speak of a partner: victim safety's alone.
OF_PARTNERS = ("number_conflict", "wrong_person", "break_glass", "restricted")


def may_see_enrolment(actor: Actor) -> ColumnElement[bool]:
    """Build the condition for the enrolments this person may see.

    Caseworkers, victim safety and managers: all. Facilitators: those booked on sessions they run.
    Police: those they referred or are named on. Enforcement: those of which they were told.
    """
    if actor.has(Role.MANAGER):
        return true()
    if actor.has(Role.CASEWORKER, Role.VICTIM_SAFETY):
        return Enrolment.participant_id.not_in(other_side(actor))
    conditions: list[ColumnElement[bool]] = []
    if actor.has(Role.FACILITATOR):
        own = (
            select(Booking.enrolment_id)
            .join(SessionStaff, SessionStaff.session_id == Booking.session_id)
            .where(SessionStaff.staff_id == actor.staff_id)
        )
        conditions.append(Enrolment.id.in_(own) & Enrolment.participant_id.not_in(other_side(actor)))
    if actor.has(Role.POLICE):
        conditions.append(
            or_(Enrolment.officer_id == actor.staff_id, Enrolment.referrer_id == actor.staff_id)
        )
    if actor.has(Role.ENFORCEMENT):
        told = select(Notice.enrolment_id).where(Notice.released_at.is_not(None), addressed_to(actor))
        conditions.append(Enrolment.id.in_(told))
    return or_(*conditions) if conditions else false()


def other_side(actor: Actor) -> CompoundSelect[Any]:
    """Select the participants who must be kept apart from those this person works with.

    Nobody works both sides (product.md §1): whoever leads, supports or runs sessions for one of
    two people who must not meet finds nothing of the other.
    """
    runs = (
        select(Booking.enrolment_id)
        .join(SessionStaff, SessionStaff.session_id == Booking.session_id)
        .where(SessionStaff.staff_id == actor.staff_id, Booking.ended_at.is_(None))
        .correlate(None)
    )
    mine = aliased(Enrolment)
    is_mine = or_(mine.lead_id == actor.staff_id, mine.worker_id == actor.staff_id, mine.id.in_(runs))

    def beyond(ours: Any, theirs: Any) -> Select[Any]:
        return select(theirs).join(mine, mine.participant_id == ours).where(is_mine).correlate(None)

    return union_all(
        beyond(SeparatedPair.first_id, SeparatedPair.second_id),
        beyond(SeparatedPair.second_id, SeparatedPair.first_id),
    )


def may_see_session(actor: Actor) -> ColumnElement[bool]:
    """Build the condition for the sessions this person may see: their own, or all for the team."""
    if actor.has(Role.CASEWORKER, Role.MANAGER):
        return true()
    if actor.has(Role.FACILITATOR):
        own = select(SessionStaff.session_id).where(SessionStaff.staff_id == actor.staff_id)
        return Session.id.in_(own)
    return false()


def may_see_group(actor: Actor) -> ColumnElement[bool]:
    """Build the condition for the groups this person may see: those they run, or all for the team.

    Whoever covers one night of a group sees that night's register, not the group (product.md §1).
    """
    if actor.has(Role.CASEWORKER, Role.MANAGER):
        return true()
    if actor.has(Role.FACILITATOR):
        own = (
            select(Session.group_id)
            .join(SessionStaff, SessionStaff.session_id == Session.id)
            .where(SessionStaff.staff_id == actor.staff_id, Session.group_id.is_not(None))
            .group_by(Session.group_id)
            .having(func.count() > 1)
        )
        return Group.id.in_(own)
    return false()


def may_see_referral(actor: Actor) -> ColumnElement[bool]:
    """Build the condition for the referrals this person may see: their own, or all for the team."""
    if actor.has(Role.MANAGER):
        return true()
    if actor.has(Role.CASEWORKER, Role.VICTIM_SAFETY):
        return Referral.participant_id.not_in(other_side(actor))
    return Referral.referrer_id == actor.staff_id


def seen_people(actor: Actor) -> CompoundSelect[Any]:
    """Select the participants whose enrolment or referral this person may see."""
    enrolled = select(Enrolment.participant_id).where(may_see_enrolment(actor))
    return union_all(enrolled, select(Referral.participant_id).where(may_see_referral(actor)))


def may_see_notice(actor: Actor) -> ColumnElement[bool]:
    """Build the condition for the notices this person may read: released, and theirs to answer.

    Managers read every notice but those that speak of a partner.
    """
    released = Notice.released_at.is_not(None)
    if actor.has(Role.MANAGER):
        of_partner = Notice.kind.in_(OF_PARTNERS)
        return or_(released & ~of_partner, released & addressed_to(actor))
    return released & answerable_by(actor)


def may_see_case(actor: Actor) -> ColumnElement[bool]:
    """Build the condition for the cases this person may see.

    Caseworkers, victim safety and managers: all. Enforcement: those of which they were told, in
    that case. Police have no case page, only the notices addressed to them.
    """
    if actor.has(Role.MANAGER):
        return true()
    if actor.has(Role.CASEWORKER, Role.VICTIM_SAFETY):
        seen = select(Enrolment.id).where(Enrolment.participant_id.not_in(other_side(actor)))
        return Case.enrolment_id.in_(seen)
    if actor.has(Role.ENFORCEMENT):
        told = select(Notice.case_id).where(Notice.released_at.is_not(None), addressed_to(actor))
        return Case.id.in_(told)
    return false()


def may_see_task(actor: Actor, today: date | None = None) -> ColumnElement[bool]:
    """Build the condition for the tasks that are this person's, by name or by whole role.

    With ``today`` (a London date) also those of colleagues who are away that day, or whose account
    is closed: as their deputy, or with the whole role where no deputy is there (product.md §8.1).
    """
    roles = {role.value for role in actor.roles}
    if actor.has(Role.CASEWORKER):
        roles.add("lead")
    own = or_(Task.staff_id == actor.staff_id, Task.staff_id.is_(None) & Task.to_role.in_(roles))
    if today is None:
        return own
    absent = _absent(today)
    deputised = select(Staff.id).where(Staff.id.in_(absent), Staff.deputy_id == actor.staff_id)
    alone = select(Staff.id).where(
        Staff.id.in_(absent), or_(Staff.deputy_id.is_(None), Staff.deputy_id.in_(absent))
    )
    falls_to_all = Task.staff_id.in_(alone) & Task.to_role.in_(roles)
    return or_(own, Task.staff_id.in_(deputised), falls_to_all)


def _absent(today: date) -> CompoundSelect[Any]:
    """Select the staff who are on leave on a London date, or whose account is closed."""
    on_leave = select(StaffLeave.staff_id).where(StaffLeave.from_on <= today, StaffLeave.to_on >= today)
    return union_all(on_leave, select(Staff.id).where(Staff.is_active.is_(False)))


def enrolment_for(actor: Actor, enrolment_id: int) -> Enrolment | None:
    """Return an enrolment if this person may see it; None alike when there is none."""
    return db.session.scalars(
        select(Enrolment).where(Enrolment.id == enrolment_id, may_see_enrolment(actor))
    ).first()


def may_see_partner(actor: Actor) -> ColumnElement[bool]:
    """Build the condition for the partner records this person may ask to open: victim safety's alone.

    Not those of the other side of somebody they support (domain.md §5).
    """
    if not actor.has(Role.VICTIM_SAFETY):
        return false()
    return Partner.participant_id.not_in(other_side(actor))


def partner_for(actor: Actor, partner_id: int, sign_in_id: int | None, now: datetime) -> Partner | None:
    """Return a partner record that this person may ask for, or that a manager has broken the glass of.

    None alike when there is none.
    """
    allowed = may_see_partner(actor)
    if actor.has(Role.MANAGER) and actor.staff_id is not None:
        broken = open_view(partner_id, actor.staff_id, sign_in_id, now)
        if broken is not None:
            allowed = true()
    return db.session.scalars(select(Partner).where(Partner.id == partner_id, allowed)).first()


def session_for(actor: Actor, session_id: int) -> Session | None:
    """Return a session if this person may see it; None alike when there is none."""
    return db.session.scalars(select(Session).where(Session.id == session_id, may_see_session(actor))).first()


def group_for(actor: Actor, group_id: int) -> Group | None:
    """Return a group if this person may see it; None alike when there is none."""
    return db.session.scalars(select(Group).where(Group.id == group_id, may_see_group(actor))).first()


def referral_for(actor: Actor, referral_id: int) -> Referral | None:
    """Return a referral if this person may see it; None alike when there is none."""
    return db.session.scalars(
        select(Referral).where(Referral.id == referral_id, may_see_referral(actor))
    ).first()


def notice_for(actor: Actor, notice_id: int) -> Notice | None:
    """Return a released notice if this person may read it; None alike when there is none."""
    return db.session.scalars(select(Notice).where(Notice.id == notice_id, may_see_notice(actor))).first()


def case_for(actor: Actor, case_id: int) -> Case | None:
    """Return a case if this person may see it; None alike when there is none."""
    return db.session.scalars(select(Case).where(Case.id == case_id, may_see_case(actor))).first()


def task_for(actor: Actor, task_id: int, today: date | None = None) -> Task | None:
    """Return a task if it is this person's, or falls to them today; None alike when there is none."""
    return db.session.scalars(select(Task).where(Task.id == task_id, may_see_task(actor, today))).first()


def open_tasks_for(
    actor: Actor, limit: int = 200, kinds: Collection[TaskKind] = (), today: date | None = None
) -> list[Task]:
    """Return this person's open tasks, the longest due first; of these ``kinds`` if any are given.

    With ``today`` also those that fall to them while a colleague is away.
    """
    found = select(Task).where(Task.done_at.is_(None), may_see_task(actor, today))
    if kinds:
        found = found.where(Task.kind.in_([kind.value for kind in kinds]))
    return list(db.session.scalars(found.order_by(Task.due_on, Task.id).limit(limit)))


def message_for(actor: Actor, message_id: int) -> Message | None:
    """Return a text to a participant this person may see; None alike when there is none.

    What went to staff only managers see.
    """
    found = select(Message).where(Message.id == message_id)
    if not actor.has(Role.CASEWORKER, Role.VICTIM_SAFETY, Role.MANAGER):
        return None
    seen = Message.enrolment_id.in_(select(Enrolment.id).where(may_see_enrolment(actor)))
    allowed: ColumnElement[bool] = (Message.recipient != Recipient.STAFF) & seen
    if actor.has(Role.MANAGER):
        allowed = or_(allowed, Message.recipient == Recipient.STAFF)
    return db.session.scalars(found.where(allowed)).first()
