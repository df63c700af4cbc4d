"""Venues, groups, sessions, who runs them and who is booked."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.database import Model
from programme_tracker.referrals.models import Enrolment


class SessionKind(StrEnum):
    """What sort of session it is."""

    GROUP = "group"
    WORKSHOP = "workshop"
    ONE_TO_ONE = "one_to_one"
    ASSESSMENT = "assessment"
    CATCH_UP = "catch_up"


class Venue(Model):
    """A place; its name is never put in a text."""

    __tablename__ = "venues"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Group(Model):
    """A weekly group with its generated sessions."""

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_code: Mapped[str] = mapped_column(ForeignKey("programmes.code"), index=True)
    name: Mapped[str]
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venues.id"))
    capacity: Mapped[int]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    venue: Mapped[Venue | None] = relationship()
    sessions: Mapped[list["Session"]] = relationship(back_populates="group", order_by="Session.starts_at")


class Session(Model):
    """One sitting. ``starts_at`` is UTC; ``version`` changes when it moves, so texts know theirs."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_venue_starts", "venue_id", "starts_at"),
        Index("ix_sessions_programme_starts", "programme_code", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_code: Mapped[str] = mapped_column(ForeignKey("programmes.code"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"), index=True)
    kind: Mapped[str]
    part: Mapped[str | None]
    number: Mapped[int | None]
    topic: Mapped[str | None]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    minutes: Mapped[int]
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venues.id"))
    capacity: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    register_due_at: Mapped[datetime | None] = mapped_column(index=True)
    #: When it is looked at whether enough people will run it; empty once looked at.
    staffing_due_at: Mapped[datetime | None] = mapped_column(index=True)

    group: Mapped[Group | None] = relationship(back_populates="sessions")
    venue: Mapped[Venue | None] = relationship()
    staff: Mapped[list[Staff]] = relationship(secondary="session_staff", order_by=Staff.name)
    bookings: Mapped[list["Booking"]] = relationship(back_populates="session")


class SessionStaff(Model):
    """Who runs a session."""

    __tablename__ = "session_staff"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, index=True)


class Booking(Model):
    """A place at a session. At most one live booking for a person and a session."""

    __tablename__ = "bookings"
    __table_args__ = (
        Index(
            "uq_bookings_live",
            "session_id",
            "enrolment_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    booked_at: Mapped[datetime]
    booked_by: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    session: Mapped[Session] = relationship(back_populates="bookings")
    enrolment: Mapped[Enrolment] = relationship()


class WaitingPlace(Model):
    """A person waiting for a place in a group; in the order in which they came."""

    __tablename__ = "waiting_places"
    __table_args__ = (
        Index(
            "uq_waiting_places_open",
            "group_id",
            "enrolment_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    since_at: Mapped[datetime]
    offered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    group: Mapped[Group] = relationship()
    enrolment: Mapped[Enrolment] = relationship()


class SessionMove(Model):
    """One move of a session: who asked for it and why. Rows are only added."""

    __tablename__ = "session_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    asked_by: Mapped[str | None]
    why: Mapped[str | None]
    moved_at: Mapped[datetime]
    moved_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
