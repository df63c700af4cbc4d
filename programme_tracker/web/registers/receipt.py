"""What the receipt of a register shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from programme_tracker.accounts.models import Staff
from programme_tracker.attendance.models import Mark, RegisterSubmission
from programme_tracker.attendance.queries import corrections_asked
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.messaging.queries import messages_for_session
from programme_tracker.messaging.rules import MessageState, Recipient
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session
from programme_tracker.web.people.views import TextSeen, is_reduced, text_seen
from programme_tracker.web.presentation import time_words
from programme_tracker.web.registers.followed import Consequence, misses_in_words, what_followed
from programme_tracker.web.registers.wording import outcome_words, reason_words
from programme_tracker.workflows.visibility import session_for


@dataclass(frozen=True)
class ReceiptLine:
    """One mark that stands; ``was`` is what it said first, where it was corrected."""

    enrolment_id: int
    name: str
    outcome: str
    remarks: tuple[str, ...]
    was: str | None
    waits: bool
    may_correct: bool
    #: What went to them about this session; empty for those who may not open texts.
    texts: Sequence[TextSeen] = ()


@dataclass(frozen=True)
class Receipt:
    """A submitted register, and what followed from it."""

    submission: RegisterSubmission
    session: Session
    submitted_by: str
    lines: Sequence[ReceiptLine]
    followed: Sequence[Consequence]
    absences: str


def receipt_for(actor: Actor, submission_id: int, now: datetime) -> Receipt | None:
    """Return a receipt if this person may see its session; None alike when there is none."""
    submission = db.session.get(RegisterSubmission, submission_id)
    session = session_for(actor, submission.session_id) if submission else None
    if submission is None or session is None:
        return None
    marks = standing_marks(session.id)
    waiting = {ask.mark_id for ask in corrections_asked(session.id) if ask.decided_at is None}
    first = _first_outcomes(session.id)
    texts = {} if is_reduced(actor) else _texts(session.id)
    return Receipt(
        submission=submission,
        session=session,
        submitted_by=staff_names([submission.submitted_by]).get(submission.submitted_by or 0, "the system"),
        lines=[_line(mark, first, waiting, texts.get(mark.enrolment_id, ())) for mark in marks],
        followed=what_followed(session, marks, now),
        absences=misses_in_words(marks),
    )


def standing_marks(session_id: int) -> list[Mark]:
    """Return the marks of a session that stand, by name."""
    found = (
        select(Mark)
        .join(Mark.enrolment)
        .join(Enrolment.participant)
        .where(Mark.session_id == session_id, Mark.is_current)
        .order_by(Participant.name_folded, Enrolment.id)
        .options(joinedload(Mark.enrolment).joinedload(Enrolment.participant), joinedload(Mark.session))
    )
    return list(db.session.scalars(found))


def first_marks(session_id: int) -> list[Mark]:
    """Return the marks of a session as its register was submitted, whatever was corrected since."""
    return list(
        db.session.scalars(
            select(Mark)
            .where(Mark.session_id == session_id, Mark.corrects_id.is_(None))
            .order_by(Mark.enrolment_id)
        )
    )


def staff_names(ids: Sequence[int | None]) -> dict[int, str]:
    """Return the names of members of staff by id."""
    wanted = {one for one in ids if one is not None}
    rows = db.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(wanted)))
    return {staff_id: name for staff_id, name in rows}


def _first_outcomes(session_id: int) -> dict[int, str]:
    return {mark.enrolment_id: mark.outcome for mark in first_marks(session_id)}


def _texts(session_id: int) -> dict[int, list[TextSeen]]:
    """Return the texts about a session, by enrolment, in the order in which they were to go."""
    found: dict[int, list[TextSeen]] = {}
    for message in messages_for_session(session_id):
        if message.recipient is not Recipient.STAFF and message.state is not MessageState.CANCELLED:
            found.setdefault(message.enrolment_id or 0, []).append(text_seen(message))
    return found


def _line(mark: Mark, first: dict[int, str], waiting: set[int], texts: Sequence[TextSeen]) -> ReceiptLine:
    was = first.get(mark.enrolment_id, mark.outcome)
    is_own = mark.corrects_id is None
    return ReceiptLine(
        enrolment_id=mark.enrolment_id,
        name=mark.enrolment.participant.name,
        outcome=mark.outcome,
        remarks=remarks_of(mark),
        was=None if is_own else outcome_words(was),
        waits=mark.id in waiting,
        may_correct=not OUTCOMES[Outcome(mark.outcome)].system_only,
        texts=texts,
    )


def remarks_of(mark: Mark | MarkDetails) -> tuple[str, ...]:
    """Return what was written beside a mark: arrival, reason, what was shown, note."""
    arrived = f"Arrived {time_words(mark.arrived_at)}" if mark.arrived_at else ""
    found = (arrived, reason_words(mark.reason), mark.evidence, mark.note)
    return tuple(one for one in found if one)
