"""Monitoring after a voluntary red: reviews until a person extends or closes it (product.md §8.5)."""

from datetime import datetime, timedelta

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.escalation.models import Case, Monitoring
from programme_tracker.kernel.actor import SYSTEM, Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import add_months
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks
from programme_tracker.workflows.permissions import require


def running(enrolment_id: int) -> Monitoring | None:
    """Return the monitoring that runs on an enrolment, if any."""
    return db.session.scalars(
        select(Monitoring).where(Monitoring.enrolment_id == enrolment_id, Monitoring.closed_at.is_(None))
    ).first()


def start_monitoring(case: Case, enrolment: Enrolment, *, now: datetime) -> Monitoring:
    """Start two months of monitoring, unless it runs already."""
    with transaction():
        monitoring = running(enrolment.id)
        if monitoring is not None:
            return monitoring
        today = local_date(now)
        monitoring = Monitoring(
            case_id=case.id,
            enrolment_id=enrolment.id,
            starts_on=today,
            ends_on=add_months(today, policy_at(now).general.monitoring_months),
        )
        monitoring.review_at = _next_review(monitoring, enrolment, now)
        db.session.add(monitoring)
        db.session.flush()
        audit.record("monitoring.started", monitoring, actor=SYSTEM, at=now, enrolment_id=enrolment.id)
        return monitoring


def _next_review(monitoring: Monitoring, enrolment: Enrolment, now: datetime) -> datetime:
    """Return 09:00 on the next review day: fortnightly at high risk, else monthly; never after the end."""
    general = policy_at(now).general
    today = local_date(now)
    if enrolment.participant.risk == "high" or enrolment.participant.is_priority:
        day = today + timedelta(days=general.review_high_days)
    else:
        day = add_months(today, general.review_medium_months)
    return at_local(min(day, max(monitoring.ends_on, today + timedelta(days=1))), general.time_rules_at)


def review_due(monitoring: Monitoring, *, now: datetime) -> None:
    """Ask enforcement to review; at the end ask whether to extend or close, and keep asking."""
    enrolment = db.session.get_one(Enrolment, monitoring.enrolment_id)
    ended = local_date(now) >= monitoring.ends_on
    why = "Monitoring ends: extend or close it." if ended else "Review what has been done and seen."
    create_task(
        TaskKind.REVIEW_MONITORING,
        to="enforcement",
        enrolment_id=enrolment.id,
        why=why,
        due_on=local_date(now),
        now=now,
        again=True,
    )
    monitoring.review_at = None if ended else _next_review(monitoring, enrolment, now)


def extend(monitoring_id: int, *, months: int, actor: Actor, now: datetime) -> Monitoring:
    """Extend monitoring by whole months from its end."""
    require(actor, Role.ENFORCEMENT, Role.MANAGER, why="Enforcement decides on monitoring.")
    if not 1 <= months <= 12:
        raise RefusedError(Code.NOT_ALLOWED, "Extend by 1 to 12 months.", field="months")
    with transaction():
        monitoring = locked(Monitoring, monitoring_id)
        enrolment = db.session.get_one(Enrolment, monitoring.enrolment_id)
        monitoring.ends_on = add_months(max(monitoring.ends_on, local_date(now)), months)
        monitoring.review_at = _next_review(monitoring, enrolment, now)
        _reviewed(monitoring, "extended", actor, now)
        return monitoring


def close(monitoring_id: int, reason: str, *, actor: Actor, now: datetime) -> Monitoring:
    """Close monitoring with a reason; it never closes itself."""
    require(actor, Role.ENFORCEMENT, Role.MANAGER, why="Enforcement decides on monitoring.")
    if not reason.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why monitoring ends.", field="reason")
    with transaction():
        monitoring = locked(Monitoring, monitoring_id)
        monitoring.closed_at, monitoring.closed_by = now, actor.staff_id
        monitoring.close_reason, monitoring.review_at = reason, None
        _reviewed(monitoring, "closed", actor, now)
        return monitoring


def _reviewed(monitoring: Monitoring, how: str, actor: Actor, now: datetime) -> None:
    finish_tasks(
        TaskKind.REVIEW_MONITORING,
        how=how,
        actor=actor,
        now=now,
        enrolment_id=monitoring.enrolment_id,
    )
    audit.record(f"monitoring.{how}", monitoring, actor=actor, at=now, enrolment_id=monitoring.enrolment_id)
