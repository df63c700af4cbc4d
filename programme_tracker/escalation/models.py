"""Cases, their decisions, and notices with who was told when."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.database import Model
from programme_tracker.referrals.models import Enrolment


class NoticeKind(StrEnum):
    """What a notice says."""

    NON_ENGAGEMENT = "non_engagement"
    BREACH = "breach"
    CANNOT_COMPLETE = "cannot_complete"
    CORRECTION = "correction"
    CHASE = "chase"
    PROGRAMME_CHANGE = "programme_change"
    STARTED = "started"
    COMPLETED = "completed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    REARREST = "rearrest"
    NUMBER_CONFLICT = "number_conflict"
    WRONG_PERSON = "wrong_person"
    DANGER = "danger"
    BREAK_GLASS = "break_glass"
    RESTRICTED = "restricted"


class Recipient(StrEnum):
    """Whom a notice is for, in the order in which one who is two of these is named."""

    VICTIM_SAFETY = "victim_safety"
    POLICE = "police"
    ENFORCEMENT = "enforcement"
    LEAD = "lead"
    REFERRER = "referrer"
    MANAGER = "manager"


class Decision(StrEnum):
    """Victim safety's decision on a case (product.md §8.2)."""

    PROCEED = "proceed"
    PROCEED_WITH_PLAN = "proceed_with_plan"
    HOLD = "hold"


class Case(Model):
    """What red flags opened. One open case an enrolment."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_open",
            "enrolment_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    opened_at: Mapped[datetime]
    hold_until: Mapped[datetime | None] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    close_reason: Mapped[str | None]

    enrolment: Mapped[Enrolment] = relationship()
    notices: Mapped[list["Notice"]] = relationship(back_populates="case", order_by="Notice.id")
    decisions: Mapped[list["CaseDecision"]] = relationship(back_populates="case", order_by="CaseDecision.id")


class CaseDecision(Model):
    """One decision of victim safety; a hold counts only with ``cosigned_at``."""

    __tablename__ = "case_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    decision: Mapped[str]
    reason: Mapped[str | None]
    hold_until: Mapped[datetime | None]
    decided_at: Mapped[datetime]
    decided_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    cosigned_at: Mapped[datetime | None]
    cosigned_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    declined_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship(back_populates="decisions")


class Notice(Model):
    """One person or role being told one thing.

    ``release_at`` is when it goes by itself, ``chase_at`` when somebody is chased about it;
    both are empty when nothing is due. ``facts`` is what the recipient may know, fixed when it
    is made.
    """

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_inbox", "to_role", "staff_id", "released_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolments.id"), index=True)
    kind: Mapped[str]
    to_role: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    about_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    planned_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    release_at: Mapped[datetime | None] = mapped_column(index=True)
    released_at: Mapped[datetime | None] = mapped_column(index=True)
    cancelled_at: Mapped[datetime | None]
    must_acknowledge: Mapped[bool]
    acknowledge_by: Mapped[datetime | None]
    chase_at: Mapped[datetime | None] = mapped_column(index=True)
    chase_step: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    case: Mapped[Case | None] = relationship(back_populates="notices")
    enrolment: Mapped[Enrolment | None] = relationship()
    staff: Mapped[Staff | None] = relationship(foreign_keys=[staff_id])
    about: Mapped["Notice | None"] = relationship(remote_side=[id])


class NoticeFinding(Model):
    """Which findings a notice reports; when none of them stands any more, neither does the notice."""

    __tablename__ = "notice_findings"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("flag_findings.id"), primary_key=True, index=True)


class Monitoring(Model):
    """Tracking after a voluntary red of which enforcement was told; it never closes itself."""

    __tablename__ = "monitorings"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    review_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    close_reason: Mapped[str | None]


class MonitoringEntry(Model):
    """One thing a person did about a monitoring: reviewed, extended or closed it. Rows are only added."""

    __tablename__ = "monitoring_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    monitoring_id: Mapped[int] = mapped_column(ForeignKey("monitorings.id"), index=True)
    kind: Mapped[str]
    note: Mapped[str | None]
    #: Until when it went on, after an extension.
    ends_on: Mapped[date | None]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class CaseAction(Model):
    """An action taken on a case (RC17 Table 3.6)."""

    __tablename__ = "case_actions"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    action: Mapped[str]
    note: Mapped[str | None]
    taken_at: Mapped[datetime]
    taken_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
