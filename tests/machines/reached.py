"""What the histories of a run have come to: a machine that reaches nothing proves nothing."""

import json
import os
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select

from programme_tracker.accounts.models import Staff
from programme_tracker.attendance.models import CorrectionRequest, Mark
from programme_tracker.audit.models import AuditEntry
from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import CaseDecision, Notice
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.tasks.models import Task

#: Counted over every history of this process.
REACHED: Counter[str] = Counter()

#: Where a long campaign notes after each history what it has reached so far, if anywhere.
NOTES = os.environ.get("TEST_MACHINE_NOTES")

#: States that a run must reach, each with the words of ``count_what_was_reached``.
MUST_BE_REACHED = (
    *(
        f"flag: {rule} {level}"
        for rule, level in (
            ("first_absence", "amber"),
            ("acceptable_absences", "amber"),
            ("lateness", "amber"),
            ("assessment_missed", "amber"),
            ("assessment_missed", "red"),
            ("consecutive_absences", "red"),
            ("absences_in_window", "red"),
            ("absence_at_high_risk", "red"),
            ("disengaged", "red"),
            ("no_contact", "red"),
            ("mandated_session_missed", "red"),
            ("cannot_complete_in_time", "red"),
        )
    ),
    *(f"flag ended: {how}" for how in ("cleared", "recorded_in_error", "superseded")),
    *(f"decision: {what}" for what in ("proceed", "proceed_with_plan", "hold")),
    "hold co-signed",
    "hold declined",
    "hold without a co-signature refused",
    "voluntary hold over: to the manager",
    "mandated hold over: released",
    "correction without approval",
    "correction with approval",
    "correction that waited: approved",
    "correction that waited: refused",
    "refused: needs_approval",
    *(f"notice: {kind}" for kind in ("non_engagement", "breach", "cannot_complete", "correction")),
    *(f"notice: {kind}" for kind in ("danger", "rearrest", "transferred", "programme_change", "completed")),
    *(f"chase: {role}" for role in ("victim_safety", "police", "enforcement", "manager")),
    "acknowledged",
    "acknowledged by a deputy who was chased",
    "acknowledgement by the wrong person refused",
    "decision by the wrong person refused",
    "notice cancelled",
    *(f"status: {what}" for what in ("attending", "suspended", "completed", "withdrawn")),
    *(f"status: {what}" for what in ("breach_reported", "breach_decided")),
    *(f"police: {what}" for what in ("excused", "varied", "rebooked", "charged")),
    "enrolment.transferred",
    "place.awaited",
    "task: offer_place",
    "monitoring.started",
    "monitoring.reviewed",
    "monitoring.extended",
    "monitoring.closed",
    *(f"task: {what}" for what in ("follow_up_absence", "submit_register", "call_participant")),
    *(f"task: {what}" for what in ("first_contact", "review_monitoring", "decide_hold")),
    *(f"text: {what}" for what in ("booked", "reminder", "changed", "cancelled")),
    "notice to a deputy",
    "the worker was stopped",
    "a new referral took an ended one's place",
)


def note_what_was_reached(share: object) -> None:
    """Write down what this share has reached so far, where somebody wants to read it meanwhile."""
    if NOTES:
        path = Path(f"{NOTES}-{share}.json")
        path.write_text(json.dumps(dict(sorted(REACHED.items())), indent=1), encoding="utf-8")


def count_what_was_reached() -> None:
    """Add up what the database of one finished history holds."""
    _by("flag", select(Flag.rule + " " + Flag.level, func.count()).group_by(Flag.rule, Flag.level))
    _by("flag ended", select(Flag.state, func.count()).where(Flag.state != "open").group_by(Flag.state))
    _by("decision", select(CaseDecision.decision, func.count()).group_by(CaseDecision.decision))
    released = Notice.released_at.is_not(None)
    _by("notice", select(Notice.kind, func.count()).where(released).group_by(Notice.kind))
    chases = select(Notice.to_role, func.count()).where(released, Notice.kind == "chase")
    _by("chase", chases.group_by(Notice.to_role))
    _by("task", select(Task.kind, func.count()).group_by(Task.kind))
    _by(
        "text",
        select(Message.kind, func.count()).where(Message.handed_over_at.is_not(None)).group_by(Message.kind),
    )
    events = ("enrolment.transferred", "place.awaited", "monitoring.%")
    for event in events:
        found = select(AuditEntry.event, func.count()).where(AuditEntry.event.like(event))
        for name, count in db.session.execute(found.group_by(AuditEntry.event)):
            REACHED[name] += count
    for entry in db.session.scalars(
        select(AuditEntry).where(AuditEntry.event.in_(("enrolment.status", "police.decided")))
    ):
        is_status = entry.event == "enrolment.status"
        what = f"status: {entry.detail['status']}" if is_status else f"police: {entry.detail['decision']}"
        REACHED[what] += 1
    _count_holds_and_corrections()
    db.session.rollback()


def _by(kind: str, counted: object) -> None:
    for name, count in db.session.execute(counted):  # type: ignore[call-overload]  # a select of two columns
        REACHED[f"{kind}: {getattr(name, 'value', name)}"] += count


def _count_holds_and_corrections() -> None:
    def many(what: str, *conditions: object) -> None:
        counted = select(func.count()).where(*conditions)  # type: ignore[arg-type]  # conditions of a query
        REACHED[what] += db.session.scalar(counted) or 0

    many("hold co-signed", CaseDecision.cosigned_at.is_not(None))
    many("hold declined", CaseDecision.declined_at.is_not(None))
    many("voluntary hold over: to the manager", Task.why.startswith("A hold has ended"))
    released = Notice.released_at.is_not(None)
    held = select(CaseDecision.hold_until).where(
        CaseDecision.case_id == Notice.case_id, CaseDecision.cosigned_at.is_not(None)
    )
    many("mandated hold over: released", Notice.kind == "breach", Notice.released_at.in_(held))
    many("correction without approval", Mark.corrects_id.is_not(None), Mark.approved_by.is_(None))
    many("correction with approval", Mark.approved_by.is_not(None))
    many("correction that waited: approved", CorrectionRequest.was_approved.is_(True))
    many("correction that waited: refused", CorrectionRequest.was_approved.is_(False))
    deputies = select(Staff.deputy_id).where(Staff.deputy_id.is_not(None))
    many("notice to a deputy", Notice.kind != "chase", released, Notice.staff_id.in_(deputies))
    many("acknowledged", Notice.acknowledged_at.is_not(None))
    many("notice cancelled", Notice.cancelled_at.is_not(None))
