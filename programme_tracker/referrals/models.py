"""Referrals, enrolments, and the history of gate and status."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.database import Model
from programme_tracker.kernel.encryption import SEALED
from programme_tracker.people.models import Participant
from programme_tracker.programmes.models import Programme


class Referral(Model):
    """Somebody asked that a person be taken on."""

    __tablename__ = "referrals"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    programme_code: Mapped[str] = mapped_column(ForeignKey("programmes.code"))
    status: Mapped[str] = mapped_column(index=True)
    route: Mapped[str]
    referrer_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    caution_reference: Mapped[str | None]
    caution_issued_on: Mapped[date | None]
    caution_expires_on: Mapped[date | None]
    is_mandated: Mapped[bool]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    reasons: Mapped[list[Any]] = mapped_column(JSON, default=list)
    received_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    request_key: Mapped[str | None] = mapped_column(unique=True)

    participant: Mapped[Participant] = relationship()
    programme: Mapped[Programme] = relationship()
    referrer: Mapped[Staff] = relationship()
    enrolment: Mapped["Enrolment | None"] = relationship(back_populates="referral", uselist=False)


class Enrolment(Model):
    """One person's place on one programme.

    ``reassess_at`` is the next instant when time alone could change what the rules say of it.
    """

    __tablename__ = "enrolments"
    __table_args__ = (
        Index("ix_enrolments_lead_status", "lead_id", "status"),
        # The board of open cautions reads these in order.
        Index(
            "ix_enrolments_open_cautions",
            "caution_expires_on",
            sqlite_where=text("ended_at IS NULL AND caution_expires_on IS NOT NULL"),
            postgresql_where=text("ended_at IS NULL AND caution_expires_on IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referrals.id"), unique=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    programme_code: Mapped[str] = mapped_column(ForeignKey("programmes.code"), index=True)
    status: Mapped[str] = mapped_column(index=True)
    gate: Mapped[str] = mapped_column(index=True)
    is_mandated: Mapped[bool]
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    referrer_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(index=True)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("enrolments.id"))
    caution_reference: Mapped[str | None]
    caution_issued_on: Mapped[date | None]
    caution_expires_on: Mapped[date | None]
    created_at: Mapped[datetime]
    enrolled_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    suspension_reason: Mapped[str | None]
    status_before_suspension: Mapped[str | None]
    police_decision: Mapped[str | None]
    first_contact_step: Mapped[int] = mapped_column(default=0)
    #: The London date on which the next contact with the partner falls due, on programmes with a rhythm.
    partner_contact_due_on: Mapped[date | None]
    reassess_at: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)

    referral: Mapped[Referral] = relationship(back_populates="enrolment")
    participant: Mapped[Participant] = relationship()
    programme: Mapped[Programme] = relationship()
    lead: Mapped[Staff | None] = relationship(foreign_keys=[lead_id])
    worker: Mapped[Staff | None] = relationship(foreign_keys=[worker_id])
    officer: Mapped[Staff | None] = relationship(foreign_keys=[officer_id])
    referrer: Mapped[Staff] = relationship(foreign_keys=[referrer_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as written


class GateDecision(Model):
    """One answer of victim safety on one enrolment; rows are only added."""

    __tablename__ = "gate_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    decision: Mapped[str]
    #: A manager's reason why no sign-off applies. Victim safety's own is sealed: it may be the partner's.
    reason: Mapped[str | None]
    reason_sealed: Mapped[str | None] = mapped_column(info=SEALED)
    decided_at: Mapped[datetime]
    decided_by: Mapped[int | None]


class StatusChange(Model):
    """One change of an enrolment's status; rows are only added."""

    __tablename__ = "status_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    reason: Mapped[str | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None]


class PoliceDecisionEntry(Model):
    """What police decided after a breach report, as they told us; never inferred."""

    __tablename__ = "police_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    decision: Mapped[str]
    caution_expires_on: Mapped[date | None]
    note: Mapped[str | None]
    decided_at: Mapped[datetime]
    entered_by: Mapped[int | None]


class ImpactAnswer(Model):
    """A participant's own answers at one IMPACT time point of one enrolment; rows are only added.

    ``answers`` holds 1 (never) to 5 (always) by question. ``corrects_id`` names the row that this one
    puts right.
    """

    __tablename__ = "impact_answers"
    __table_args__ = (Index("ix_impact_answers_enrolment_point", "enrolment_id", "point"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    point: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str | None]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("impact_answers.id"), unique=True)


class NeutralSpan(Model):
    """Time that counts for nothing, such as a short gap between two groups."""

    __tablename__ = "neutral_spans"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    why: Mapped[str]
