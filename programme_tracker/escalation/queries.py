"""Reading cases and notices."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased, joinedload

from programme_tracker.engagement.models import FlagFinding
from programme_tracker.escalation.models import Case, CaseDecision, Decision, Notice, NoticeFinding
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import Enrolment


def has_standing_finding(notice_id: int) -> bool:
    """Tell whether anything that a notice reports still stands."""
    found = (
        select(FlagFinding.id)
        .join(NoticeFinding, NoticeFinding.finding_id == FlagFinding.id)
        .where(NoticeFinding.notice_id == notice_id, FlagFinding.withdrawn_at.is_(None))
    )
    return db.session.scalars(found.limit(1)).first() is not None


def was_corrected(notice_id: int) -> bool:
    """Tell whether a correction of this notice has gone out."""
    corrections = select(Notice.id).where(Notice.about_id == notice_id, Notice.kind == "correction")
    return db.session.scalars(corrections.limit(1)).first() is not None


def unacknowledged_by_police(enrolment_id: int) -> list[Notice]:
    """Return the released notices to police on an enrolment that nobody has acknowledged."""
    return list(
        db.session.scalars(
            select(Notice).where(
                Notice.enrolment_id == enrolment_id,
                Notice.to_role == "police",
                Notice.must_acknowledge,
                Notice.released_at.is_not(None),
                Notice.acknowledged_at.is_(None),
            )
        )
    )


def was_told_cannot_complete(enrolment_id: int) -> bool:
    """Tell whether police have an open notice that a caution's workshops no longer fit."""
    told = (
        select(Notice.id)
        .join(Notice.case)
        .where(
            Notice.enrolment_id == enrolment_id,
            Notice.kind == "cannot_complete",
            Notice.to_role == "police",
            Notice.released_at.is_not(None),
            Case.closed_at.is_(None),
        )
    )
    return db.session.scalars(told.limit(1)).first() is not None


def unreleased(case_id: int) -> list[Notice]:
    """Return the notices of a case that wait, victim safety's first, then in order made."""
    waiting = db.session.scalars(
        select(Notice)
        .where(Notice.case_id == case_id, Notice.released_at.is_(None), Notice.cancelled_at.is_(None))
        .order_by(Notice.id)
    )
    return list(waiting)


def unacknowledged_for(enrolment_id: int, actor: Actor) -> list[Notice]:
    """Return the open notices on an enrolment that this person may acknowledge.

    Those addressed to them or to their whole role, and those they were chased about as a deputy.
    """
    return list(
        db.session.scalars(
            select(Notice)
            .where(
                Notice.enrolment_id == enrolment_id,
                Notice.released_at.is_not(None),
                Notice.acknowledged_at.is_(None),
                answerable_by(actor),
            )
            .order_by(Notice.id)
        )
    )


def addressed_to(actor: Actor) -> ColumnElement[bool]:
    """Build the condition that a notice is for this person, by name or by whole role."""
    roles = {role.value for role in actor.roles}
    if "caseworker" in roles:
        roles.add("lead")
    by_role = and_(Notice.staff_id.is_(None), Notice.to_role.in_(roles))
    return or_(Notice.staff_id == actor.staff_id, by_role)


def answerable_by(actor: Actor) -> ColumnElement[bool]:
    """Build the condition that a notice is this person's to answer.

    It is addressed to them or to their whole role, or they were chased about it as a deputy.
    """
    chased = select(Notice.about_id).where(
        Notice.kind == "chase", Notice.released_at.is_not(None), addressed_to(actor)
    )
    return or_(addressed_to(actor), and_(Notice.id.in_(chased), Notice.to_role.in_(actor.roles)))


def acknowledgeable(notice: Notice, actor: Actor) -> bool:
    """Tell whether this person may acknowledge a notice: theirs, or one they were chased about."""
    mine = select(Notice.id).where(Notice.id == notice.id, answerable_by(actor))
    return db.session.scalar(mine) is not None


def to_acknowledge(actor: Actor) -> list[Notice]:
    """Return the notices that wait for this person's acknowledgement, the soonest due first."""
    return list(
        db.session.scalars(
            select(Notice)
            .where(
                Notice.released_at.is_not(None),
                Notice.must_acknowledge,
                Notice.acknowledged_at.is_(None),
                answerable_by(actor),
            )
            .order_by(Notice.acknowledge_by, Notice.id)
        )
    )


def case_of(enrolment_id: int) -> Case | None:
    """Return the newest case of an enrolment, open or closed."""
    return db.session.scalars(
        select(Case).where(Case.enrolment_id == enrolment_id).order_by(Case.id.desc()).limit(1)
    ).first()


def may_see(notice: Notice, actor: Actor) -> bool:
    """Tell whether a notice is addressed to this person or to their whole role."""
    return db.session.scalar(select(Notice.id).where(Notice.id == notice.id, addressed_to(actor))) is not None


def released_to(actor: Actor, limit: int = 200) -> list[Notice]:
    """Return the notices this person may read: those to acknowledge first, then newest first."""
    return list(
        db.session.scalars(
            select(Notice)
            .where(Notice.released_at.is_not(None), answerable_by(actor))
            .order_by(
                and_(Notice.must_acknowledge, Notice.acknowledged_at.is_(None)).desc(),
                Notice.released_at.desc(),
            )
            .limit(limit)
        )
    )


def pending_hold() -> ColumnElement[bool]:
    """Build the condition that a decision is a hold which waits for a signature: the case's last word."""
    later = aliased(CaseDecision)
    superseded = exists().where(later.case_id == CaseDecision.case_id, later.id > CaseDecision.id)
    return and_(
        CaseDecision.decision == Decision.HOLD.value,
        CaseDecision.cosigned_at.is_(None),
        CaseDecision.declined_at.is_(None),
        ~superseded,
    )


def holds_to_sign(now: datetime) -> list[CaseDecision]:
    """Return the holds that wait for a manager's signature, the soonest review time first."""
    return list(
        db.session.scalars(
            select(CaseDecision)
            .join(CaseDecision.case)
            .where(pending_hold(), CaseDecision.hold_until > now, Case.closed_at.is_(None))
            .order_by(CaseDecision.hold_until, CaseDecision.id)
            .options(
                joinedload(CaseDecision.case).joinedload(Case.enrolment).joinedload(Enrolment.participant)
            )
        )
    )


def overdue(now: datetime) -> list[Notice]:
    """Return what is late: notices past their deadline unreleased, or not acknowledged in time."""
    late_release = and_(Notice.released_at.is_(None), Notice.cancelled_at.is_(None), Notice.deadline_at < now)
    late_answer = and_(
        Notice.released_at.is_not(None),
        Notice.must_acknowledge,
        Notice.acknowledged_at.is_(None),
        Notice.acknowledge_by < now,
    )
    found = select(Notice).where(or_(late_release, late_answer)).options(joinedload(Notice.staff))
    return list(db.session.scalars(found.order_by(Notice.id)))
