"""Monitoring after a voluntary red: reviews until a person extends or closes it (product.md §8.5)."""

from datetime import datetime, timedelta

from sqlalchemy import select

from programme_tracker.audit import services as audit
from programme_tracker.escalation.models import Case, Monitoring, MonitoringEntry
from programme_tracker.kernel.actor import SYSTEM, Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import add_months
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.tasks.services import create_task, finish_tasks
from programme_tracker.workflows.permissions import require

#: How long after its end an undecided monitoring is asked about again.
ASK_AGAIN = timedelta(days=7)
DECIDE_WHY = "Monitoring ends: extend or close it."


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


def has_ended(monitoring: Monitoring, now: datetime) -> bool:
    """Tell whether the agreed time is over, so that a person must extend or close it."""
    return local_date(now) >= monitoring.ends_on


def review_due(monitoring: Monitoring, *, now: datetime) -> None:
    """Ask enforcement to review; at the end ask whether to extend or close, and keep asking.

    After the end it is asked again every week for as long as nobody has decided: a task that was
    finished by a note alone must not leave it to run unseen.
    """
    ended = has_ended(monitoring, now)
    create_task(
        TaskKind.REVIEW_MONITORING,
        to="enforcement",
        enrolment_id=monitoring.enrolment_id,
        why=DECIDE_WHY if ended else "Review what has been done and seen.",
        due_on=local_date(now),
        now=now,
        again=not ended or not _is_asked_to_decide(monitoring),
    )
    if ended:
        next_day = local_date(now) + ASK_AGAIN
        monitoring.review_at = at_local(next_day, policy_at(now).general.time_rules_at)
    else:
        enrolment = db.session.get_one(Enrolment, monitoring.enrolment_id)
        monitoring.review_at = _next_review(monitoring, enrolment, now)


def _is_asked_to_decide(monitoring: Monitoring) -> bool:
    asked = select(Task.id).where(
        Task.kind == TaskKind.REVIEW_MONITORING.value,
        Task.enrolment_id == monitoring.enrolment_id,
        Task.why == DECIDE_WHY,
        Task.done_at.is_(None),
    )
    return db.session.scalars(asked.limit(1)).first() is not None


def record_review(monitoring_id: int, note: str, *, actor: Actor, now: datetime) -> MonitoringEntry:
    """Note what a review found; the review that was asked for is done.

    After the end the question whether to extend or close stays open.
    """
    _require(actor)
    if not note.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say what was done and seen.", field="note")
    with transaction():
        monitoring = _running(monitoring_id)
        entry = _enter(monitoring, "reviewed", note.strip(), actor, now)
        if not has_ended(monitoring, now):
            _finish_tasks(monitoring, "reviewed", actor, now)
            enrolment = db.session.get_one(Enrolment, monitoring.enrolment_id)
            monitoring.review_at = _next_review(monitoring, enrolment, now)
        return entry


def extend(monitoring_id: int, *, months: int, actor: Actor, now: datetime, note: str = "") -> Monitoring:
    """Extend monitoring by whole months from its end."""
    _require(actor)
    if not 1 <= months <= 12:
        raise RefusedError(Code.NOT_ALLOWED, "Extend by 1 to 12 months.", field="months")
    with transaction():
        monitoring = _running(monitoring_id)
        enrolment = db.session.get_one(Enrolment, monitoring.enrolment_id)
        monitoring.ends_on = add_months(max(monitoring.ends_on, local_date(now)), months)
        monitoring.review_at = _next_review(monitoring, enrolment, now)
        _enter(monitoring, "extended", note.strip() or None, actor, now)
        _finish_tasks(monitoring, "extended", actor, now)
        return monitoring


def close(monitoring_id: int, reason: str, *, actor: Actor, now: datetime) -> Monitoring:
    """Close monitoring with a reason; it never closes itself."""
    _require(actor)
    if not reason.strip():
        raise RefusedError(Code.NOT_ALLOWED, "Say why monitoring ends.", field="reason")
    with transaction():
        monitoring = _running(monitoring_id)
        monitoring.closed_at, monitoring.closed_by = now, actor.staff_id
        monitoring.close_reason, monitoring.review_at = reason.strip(), None
        _enter(monitoring, "closed", reason.strip(), actor, now)
        _finish_tasks(monitoring, "closed", actor, now)
        return monitoring


def _require(actor: Actor) -> None:
    require(actor, Role.ENFORCEMENT, Role.MANAGER, why="Enforcement decides on monitoring.")


def _running(monitoring_id: int) -> Monitoring:
    monitoring = locked(Monitoring, monitoring_id)
    if monitoring.closed_at is not None:
        raise RefusedError(Code.NOT_ALLOWED, "This monitoring was closed already.")
    return monitoring


def _enter(
    monitoring: Monitoring, kind: str, note: str | None, actor: Actor, now: datetime
) -> MonitoringEntry:
    entry = MonitoringEntry(
        monitoring_id=monitoring.id,
        kind=kind,
        note=note,
        ends_on=monitoring.ends_on if kind == "extended" else None,
        made_at=now,
        made_by=actor.staff_id,
    )
    db.session.add(entry)
    audit.record(f"monitoring.{kind}", monitoring, actor=actor, at=now, enrolment_id=monitoring.enrolment_id)
    db.session.flush()
    return entry


def _finish_tasks(monitoring: Monitoring, how: str, actor: Actor, now: datetime) -> None:
    finish_tasks(
        TaskKind.REVIEW_MONITORING, how=how, actor=actor, now=now, enrolment_id=monitoring.enrolment_id
    )
