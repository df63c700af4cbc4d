"""Reading marks."""

from sqlalchemy import select

from programme_tracker.attendance.models import Mark
from programme_tracker.kernel.database import db
from programme_tracker.scheduling.models import Session


def current_marks(enrolment_id: int) -> list[Mark]:
    """Return an enrolment's marks that stand, in order of session."""
    return list(
        db.session.scalars(
            select(Mark)
            .join(Mark.session)
            .where(Mark.enrolment_id == enrolment_id, Mark.is_current)
            .order_by(Session.starts_at, Session.id)
        )
    )


def mark_of(session_id: int, enrolment_id: int) -> Mark | None:
    """Return the mark that stands for one person at one session."""
    return db.session.scalars(
        select(Mark).where(Mark.session_id == session_id, Mark.enrolment_id == enrolment_id, Mark.is_current)
    ).first()


def marks_of_session(session_id: int) -> list[Mark]:
    """Return the marks that stand for a session."""
    return list(
        db.session.scalars(
            select(Mark).where(Mark.session_id == session_id, Mark.is_current).order_by(Mark.enrolment_id)
        )
    )


def history_of(session_id: int, enrolment_id: int) -> list[Mark]:
    """Return every mark ever made for one person at one session, newest first."""
    return list(
        db.session.scalars(
            select(Mark)
            .where(Mark.session_id == session_id, Mark.enrolment_id == enrolment_id)
            .order_by(Mark.id.desc())
        )
    )
