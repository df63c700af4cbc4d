"""What followed from a register, in words that those who ran the session may read.

Never why a sign-off changed, nor risk, enforcement or a partner. On programmes without a mandate
amber and red read alike, because which it was would tell the risk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.engagement.models import Flag, FlagFinding
from programme_tracker.escalation.models import Notice, NoticeKind
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.referrals.rules import EnrolmentStatus
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.web.presentation import counted, day_words, moment_words, time_words
from programme_tracker.workflows.credits import A_MISSED

_REPORTS = (NoticeKind.BREACH.value, NoticeKind.NON_ENGAGEMENT.value, NoticeKind.CANNOT_COMPLETE.value)


@dataclass(frozen=True)
class Consequence:
    """What followed for one person."""

    enrolment_id: int
    name: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class _Trail:
    """What the system wrote about one session, read at once for everybody."""

    notices: Sequence[Notice]
    flagged: frozenset[int]
    given_up: Sequence[Booking]


def what_followed(session: Session, marks: Sequence[Mark], now: datetime) -> list[Consequence]:
    """Return what followed for each person for whom something did, in the order of the marks."""
    trail = _trail_of(session, marks)
    found = [
        Consequence(mark.enrolment_id, mark.enrolment.participant.name, tuple(_sentences(mark, trail, now)))
        for mark in marks
    ]
    return [one for one in found if one.sentences]


def misses_in_words(marks: Sequence[Mark]) -> str:
    """Count the misses of a register: "One absence.", "No absence."."""
    misses = sum(OUTCOMES[Outcome(mark.outcome)].missed for mark in marks)
    if misses:
        said = counted(misses, "absence")
        return f"{said[:1].upper()}{said[1:]}."
    return "No absence."


def _trail_of(session: Session, marks: Sequence[Mark]) -> _Trail:
    people = [mark.enrolment_id for mark in marks]
    notices = select(Notice).where(
        Notice.session_id == session.id,
        Notice.enrolment_id.in_(people),
        Notice.cancelled_at.is_(None),
        Notice.kind.in_((*_REPORTS, NoticeKind.CORRECTION.value)),
    )
    flagged = (
        select(Flag.enrolment_id)
        .join(FlagFinding.flag)
        .where(FlagFinding.session_id == session.id, FlagFinding.withdrawn_at.is_(None))
    )
    given_up = (
        select(Booking)
        .join(Booking.session)
        .where(Booking.enrolment_id.in_(people), Booking.end_reason == A_MISSED)
        .where(Session.starts_at > session.starts_at)
    )
    return _Trail(
        notices=db.session.scalars(notices.order_by(Notice.id)).all(),
        flagged=frozenset(db.session.scalars(flagged)),
        given_up=db.session.scalars(given_up).all(),
    )


def _sentences(mark: Mark, trail: _Trail, now: datetime) -> list[str]:
    own = [notice for notice in trail.notices if notice.enrolment_id == mark.enrolment_id]
    corrections = [notice for notice in own if notice.kind == NoticeKind.CORRECTION]
    kind = OUTCOMES[Outcome(mark.outcome)]
    found = []
    if corrections:
        found.append(_corrected(corrections, now))
    if mark.was_mandated and kind.missed:
        found.append(_reported([notice for notice in own if notice.kind in _REPORTS], now))
        found += _given_up(mark, trail, now)
    elif mark.enrolment_id in trail.flagged:
        found.append("The lead follows this up.")
    if kind.credit and mark.enrolment.status == EnrolmentStatus.COMPLETED and mark.session.part:
        found.append("Both parts are done.")
    return [sentence for sentence in found if sentence]


def _reported(notices: Sequence[Notice], now: datetime) -> str:
    """Say when victim safety was told and when the officer is."""
    told = _told("victim_safety", notices)
    if told is None:
        return ""
    said = f"Victim safety was told {_at(told, now)}"
    officer = next((notice for notice in notices if notice.to_role == "police"), None)
    if officer is None:
        return f"{said}."
    return f"{said}; {_officer(officer, now)}."


def _officer(notice: Notice, now: datetime) -> str:
    if notice.released_at is not None:
        return f"the officer was told {_at(notice.released_at, now)}"
    due = notice.deadline_at
    if due is not None and due > now and notice.release_at is not None and notice.release_at <= due:
        return f"the officer is told by {moment_words(due, now)}"
    return "the officer has not been told yet"


def _corrected(notices: Sequence[Notice], now: datetime) -> str:
    told = _told("victim_safety", notices)
    if told is None:
        return ""
    officer = _told("police", notices)
    also = " and the officer were" if officer is not None else " was"
    return f"Victim safety{also} told of the correction {_at(told, now)}."


def _told(role: str, notices: Sequence[Notice]) -> datetime | None:
    return next((one.released_at for one in notices if one.to_role == role and one.released_at), None)


def _at(moment: datetime, now: datetime) -> str:
    """Return "at 3.10pm" for today, "on Thu 26 Nov, 3.10pm" for another day."""
    if local_date(moment) == local_date(now):
        return f"at {time_words(moment)}"
    return f"on {moment_words(moment, now)}"


def _given_up(mark: Mark, trail: _Trail, now: datetime) -> list[str]:
    return [
        f"Part B on {day_words(booking.session.starts_at, local_date(now))} was given up: "
        "both parts must be repeated."
        for booking in trail.given_up
        if booking.enrolment_id == mark.enrolment_id
    ]
