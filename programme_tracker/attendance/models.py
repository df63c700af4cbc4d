"""Registers, marks and corrections; rows are only added."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from programme_tracker.kernel.database import Model
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session


class RegisterSubmission(Model):
    """One submission of a session's register; the same ``token`` twice is one submission."""

    __tablename__ = "register_submissions"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    token: Mapped[str] = mapped_column(unique=True)
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    session: Mapped[Session] = relationship()


class Mark(Model):
    """What one register says of one person. A correction is a new row; the old one stays."""

    __tablename__ = "marks"
    __table_args__ = (
        Index(
            "uq_marks_current",
            "session_id",
            "enrolment_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
        Index("ix_marks_enrolment_current", "enrolment_id", "is_current"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    outcome: Mapped[str]
    reason: Mapped[str | None]
    evidence: Mapped[str | None]
    note: Mapped[str | None]
    arrived_at: Mapped[datetime | None]
    authorised_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("marks.id"))
    #: Why the mark before was wrong; none on a first mark.
    why: Mapped[str | None]
    is_current: Mapped[bool] = mapped_column(default=True)
    #: How matters stood when this was recorded, so that a later change does not rewrite the past.
    was_mandated: Mapped[bool]
    at_high_risk: Mapped[bool]

    session: Mapped[Session] = relationship()
    enrolment: Mapped[Enrolment] = relationship()


class CorrectionRequest(Model):
    """A correction that waits for a second person, because somebody was told already."""

    __tablename__ = "correction_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    mark_id: Mapped[int] = mapped_column(ForeignKey("marks.id"), index=True)
    outcome: Mapped[str]
    reason: Mapped[str | None]
    evidence: Mapped[str | None]
    note: Mapped[str | None]
    why: Mapped[str]
    requested_at: Mapped[datetime]
    requested_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(index=True)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    was_approved: Mapped[bool | None]

    mark: Mapped[Mark] = relationship()


class CatchUp(Model):
    """How one absence was closed: by a named catch-up session, or waived by a manager."""

    __tablename__ = "catch_ups"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    missed_session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))
    waived_because: Mapped[str | None]
    closed_at: Mapped[datetime]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
