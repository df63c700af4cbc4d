"""Reading marks, registers and corrections."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from programme_tracker.attendance.models import CatchUp, CorrectionRequest, Mark, RegisterSubmission
from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session


def current_marks(enrolment_id: int) -> list[Mark]:
    """Return an enrolment's marks that stand, in order of session."""
    return list(
        db.session.scalars(
            select(Mark)
            .join(Mark.session)
            .options(contains_eager(Mark.session))
            .where(Mark.enrolment_id == enrolment_id, Mark.is_current)
            .order_by(Session.starts_at, Session.id)
        )
    )


def mark_of(session_id: int, enrolment_id: int) -> Mark | None:
    """Return the mark that stands for one person at one session."""
    return db.session.scalars(
        select(Mark).where(Mark.session_id == session_id, Mark.enrolment_id == enrolment_id, Mark.is_current)
    ).first()


def marked_pairs(session_ids: Collection[int], enrolment_ids: Collection[int]) -> set[tuple[int, int]]:
    """Return those of these sessions and enrolments that have a mark, as (session, enrolment)."""
    rows = db.session.execute(
        select(Mark.session_id, Mark.enrolment_id).where(
            Mark.session_id.in_(session_ids), Mark.enrolment_id.in_(enrolment_ids), Mark.is_current
        )
    )
    return {(session_id, enrolment_id) for session_id, enrolment_id in rows}


def catch_up_of(enrolment_id: int, missed_session_id: int) -> CatchUp | None:
    """Return how an absence was closed last, None while it never was."""
    return db.session.scalars(
        select(CatchUp)
        .where(CatchUp.enrolment_id == enrolment_id, CatchUp.missed_session_id == missed_session_id)
        .order_by(CatchUp.id.desc())
        .limit(1)
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


def submission_of(session_id: int) -> RegisterSubmission | None:
    """Return the submission of a session's register."""
    return db.session.scalars(
        select(RegisterSubmission).where(RegisterSubmission.session_id == session_id)
    ).first()


def submissions_of(session_ids: Collection[int]) -> dict[int, int]:
    """Return the id of each session's submission, by session; those without one are left out."""
    found = select(RegisterSubmission.session_id, RegisterSubmission.id).where(
        RegisterSubmission.session_id.in_(session_ids)
    )
    return {session_id: submission_id for session_id, submission_id in db.session.execute(found)}


def open_request(mark_id: int) -> CorrectionRequest | None:
    """Return the correction of a mark that nobody has decided on."""
    return db.session.scalars(
        select(CorrectionRequest).where(
            CorrectionRequest.mark_id == mark_id, CorrectionRequest.decided_at.is_(None)
        )
    ).first()


def waiting_corrections() -> list[CorrectionRequest]:
    """Return the corrections nobody has decided on, the oldest first."""
    return list(
        db.session.scalars(
            select(CorrectionRequest)
            .where(CorrectionRequest.decided_at.is_(None))
            .order_by(CorrectionRequest.requested_at, CorrectionRequest.id)
            .options(
                joinedload(CorrectionRequest.mark).joinedload(Mark.session).joinedload(Session.group),
                joinedload(CorrectionRequest.mark)
                .joinedload(Mark.enrolment)
                .joinedload(Enrolment.participant),
            )
        )
    )


def corrections_asked(session_id: int, enrolment_id: int | None = None) -> list[CorrectionRequest]:
    """Return every correction ever kept for approval at a session, or of one person there."""
    found = select(CorrectionRequest).join(CorrectionRequest.mark).where(Mark.session_id == session_id)
    if enrolment_id is not None:
        found = found.where(Mark.enrolment_id == enrolment_id)
    return list(db.session.scalars(found.order_by(CorrectionRequest.id.desc())))


def waived_topics(enrolment_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Return the topics of the absences that a manager waived, by enrolment, none left out.

    They are owed no longer: an absence is made up for, waived, or counts (product.md §4).
    """
    rows = db.session.execute(
        select(CatchUp.enrolment_id, Session.topic, Session.number)
        .join(Session, Session.id == CatchUp.missed_session_id)
        .where(CatchUp.enrolment_id.in_(enrolment_ids), CatchUp.waived_because.is_not(None))
    )
    found: dict[int, set[str]] = {enrolment_id: set() for enrolment_id in enrolment_ids}
    for enrolment_id, topic, number in rows:
        found[enrolment_id].add(topic or str(number or ""))
    return {enrolment_id: frozenset(topics - {""}) for enrolment_id, topics in found.items()}
