"""Reading flags and contacts."""

from datetime import date, datetime

from sqlalchemy import or_, select

from programme_tracker.engagement.models import Contact, Flag, FlagFinding, FlagState
from programme_tracker.kernel.database import db


def open_flags(enrolment_id: int) -> list[Flag]:
    """Return the flags that stand, oldest first."""
    return list(
        db.session.scalars(
            select(Flag)
            .where(Flag.enrolment_id == enrolment_id, Flag.state == FlagState.OPEN.value)
            .order_by(Flag.id)
        )
    )


def standing_or_cleared_flags(enrolment_id: int) -> list[Flag]:
    """Return the flags that stand or were cleared by a person, oldest first."""
    states = (FlagState.OPEN.value, FlagState.CLEARED.value)
    return list(
        db.session.scalars(
            select(Flag).where(Flag.enrolment_id == enrolment_id, Flag.state.in_(states)).order_by(Flag.id)
        )
    )


def flags_of(enrolment_id: int) -> list[Flag]:
    """Return every flag of an enrolment, newest first."""
    return list(
        db.session.scalars(select(Flag).where(Flag.enrolment_id == enrolment_id).order_by(Flag.id.desc()))
    )


#: What tells one finding from another: rule, level, session, and the date that time counts from.
FindingKey = tuple[str, str, int | None, date | None]


def found_before(enrolment_id: int) -> frozenset[FindingKey]:
    """Return the key of every finding that still counts, on open and ended flags.

    A finding withdrawn as recorded in error may be made again, if the outcome comes back.
    """
    rows = db.session.execute(
        select(Flag.rule, Flag.level, FlagFinding.session_id, FlagFinding.since_on)
        .join(FlagFinding.flag)
        .where(Flag.enrolment_id == enrolment_id, FlagFinding.withdrawn_at.is_(None))
    )
    return frozenset((rule, level, session, since) for rule, level, session, since in rows)


#: Attempts that reached nobody: kept in the log, but no contact.
REACHED_NOBODY = ("no_answer", "left_message")


def times_reached(enrolment_id: int) -> tuple[datetime, ...]:
    """Return when the participant was reached on this enrolment, oldest first."""
    reached = or_(Contact.outcome.is_(None), Contact.outcome.not_in(REACHED_NOBODY))
    return tuple(
        db.session.scalars(
            select(Contact.made_at)
            .where(Contact.enrolment_id == enrolment_id, reached)
            .order_by(Contact.made_at)
        )
    )


def contacts_of(enrolment_id: int) -> list[Contact]:
    """Return the contacts made with the participant on this enrolment, oldest first."""
    return list(
        db.session.scalars(
            select(Contact).where(Contact.enrolment_id == enrolment_id).order_by(Contact.made_at)
        )
    )
