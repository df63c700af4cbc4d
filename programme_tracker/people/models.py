"""Participants, their guardians, and people who must not meet."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from programme_tracker.kernel.database import Model


class Participant(Model):
    """Somebody on a programme. The mobile is E.164; what they are sent goes there or to a guardian."""

    __tablename__ = "participants"
    __table_args__ = (CheckConstraint("risk IN ('standard', 'medium', 'high')", name="risk"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_folded: Mapped[str] = mapped_column(index=True)
    born_on: Mapped[date] = mapped_column(index=True)
    mobile: Mapped[str | None] = mapped_column(index=True)
    risk: Mapped[str] = mapped_column(default="medium")
    is_priority: Mapped[bool] = mapped_column(default=False)
    #: The code of the language or variant their texts are in.
    language: Mapped[str] = mapped_column(default="en", server_default="en")
    opted_out_at: Mapped[datetime | None]
    #: When the person agreed to texts in their own name; at 16 or over that is from the start.
    own_consent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    guardian: Mapped["Guardian | None"] = relationship(back_populates="participant", uselist=False)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as written


class Guardian(Model):
    """The adult who gets a child's texts, unless barred."""

    __tablename__ = "guardians"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), unique=True)
    name: Mapped[str]
    mobile: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en", server_default="en")
    has_consented: Mapped[bool] = mapped_column(default=False)
    is_barred: Mapped[bool] = mapped_column(default=False)
    #: Why nothing may go to this adult; for the team alone.
    barred_because: Mapped[str | None]

    participant: Mapped[Participant] = relationship(back_populates="guardian")


class NumberSharing(Model):
    """One person's leave to share one number (E.164), given by somebody for a reason.

    A number is shared by design while everybody who has it has such a row; who joins asks again.
    """

    __tablename__ = "number_sharings"
    __table_args__ = (UniqueConstraint("number", "participant_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    because: Mapped[str]
    allowed_at: Mapped[datetime]
    allowed_by: Mapped[int | None]


class SeparatedPair(Model):
    """Two participants who must never share a session, venue or day; the reason is kept elsewhere."""

    __tablename__ = "separated_pairs"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="ordered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    created_at: Mapped[datetime]
