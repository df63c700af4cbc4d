"""Participants, their guardians, people who must not meet, and what became of those erased."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
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
    #: Since when nothing here says who they were; then only the reference tells them from others.
    erased_at: Mapped[datetime | None]
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


class TextConsent(Model):
    """How somebody who had stopped texts agreed to them again, as told to staff; rows are only added."""

    __tablename__ = "text_consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    how: Mapped[str]
    at: Mapped[datetime]
    recorded_by: Mapped[int | None]


class KeepingOrder(Model):
    """An order to keep what is known of a participant past its time, such as for an inquiry into a death."""

    __tablename__ = "keeping_orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True)
    because: Mapped[str]
    since_at: Mapped[datetime]
    placed_by: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]
    ended_because: Mapped[str | None]


class Erasure(Model):
    """That a participant, or a partner's file, was erased: when, by whom and why; rows are only added.

    ``subject`` is ``participant`` or ``partner``. Until ``rewritten_at`` the database's files may still
    hold what was erased, in places that no statement reads.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        UniqueConstraint("subject", "subject_id"),
        CheckConstraint("subject IN ('participant', 'partner')", name="subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    subject_id: Mapped[int]
    because: Mapped[str]
    erased_at: Mapped[datetime]
    erased_by: Mapped[int | None]
    rewritten_at: Mapped[datetime | None] = mapped_column(index=True)


class SearchTerm(Model):
    """One thing a participant can be found by: people.finding.rules says how it is made.

    ``kind`` is a TermKind. Written in the transaction that writes what it was made from. Compared
    character by character on both stores, so that a beginning is a range of the index.
    """

    __tablename__ = "search_terms"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it as written

    term: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"), primary_key=True
    )
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
