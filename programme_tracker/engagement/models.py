"""Flags with the sessions that led to them, and contacts with participants."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from programme_tracker.kernel.database import Model
from programme_tracker.referrals.models import Enrolment


class FlagState(StrEnum):
    """Whether a flag stands, and if not, why."""

    OPEN = "open"
    RECORDED_IN_ERROR = "recorded_in_error"
    CLEARED = "cleared"
    #: An amber that became red under the same rule.
    SUPERSEDED = "superseded"


class Flag(Model):
    """A rule that came true. One open flag per enrolment and rule (product.md §7)."""

    __tablename__ = "flags"
    __table_args__ = (
        Index(
            "uq_flags_open",
            "enrolment_id",
            "rule",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    rule: Mapped[str]
    level: Mapped[str]
    state: Mapped[str] = mapped_column(default=FlagState.OPEN.value, index=True)
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.number"))
    raised_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]
    end_reason: Mapped[str | None]

    enrolment: Mapped[Enrolment] = relationship()
    findings: Mapped[list["FlagFinding"]] = relationship(back_populates="flag", order_by="FlagFinding.id")


class FlagFinding(Model):
    """One time the rule came true: the session that did it (none when time did) and the evidence."""

    __tablename__ = "flag_findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flags.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    evidence: Mapped[list[Any]] = mapped_column(JSON)
    #: For a rule that time fulfilled: the London date it counts from.
    since_on: Mapped[date | None]
    explanation: Mapped[str]
    found_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    flag: Mapped[Flag] = relationship(back_populates="findings")


class Contact(Model):
    """A contact with the participant: call, visit, letter or message answered."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    kind: Mapped[str]
    outcome: Mapped[str | None]
    note: Mapped[str | None]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
