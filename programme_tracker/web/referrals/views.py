"""What the pages of a referral show, within what the person signed in may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from programme_tracker.accounts.queries import staff_by_id, staff_with_role
from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.queries import current_marks
from programme_tracker.attendance.rules import Outcome
from programme_tracker.escalation.models import Notice
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.programmes.models import Programme
from programme_tracker.programmes.queries import active_programmes, programme_policy
from programme_tracker.programmes.rules import Form
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.referrals.queries import likely_duplicates
from programme_tracker.referrals.rules import (
    CARA_QUESTIONS,
    UNKNOWN,
    EligibilityQuestion,
    Identity,
    ReferralStatus,
)
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.web.referrals.forms import ANSWERS, LEVELS, Colleagues
from programme_tracker.workflows.visibility import may_see_notice, may_see_referral

MOST = 200
WAITING = (ReferralStatus.RECEIVED.value, ReferralStatus.INFORMATION_REQUESTED.value)

#: What police are told of a session: attended, not attended or refused, nothing more (product.md §8).
_REFUSED = {Outcome.REFUSED_LATE, Outcome.SENT_HOME}


@dataclass(frozen=True)
class WorkshopSeen:
    """One workshop as police may know it; ``state`` is a chip's kind, ``words`` what it says."""

    label: str
    starts_at: datetime
    state: str
    words: str


@dataclass(frozen=True)
class Answered:
    """One eligibility question and its answer in words."""

    question: str
    answer: str
    is_open: bool


def programmes_to_refer_to(actor: Actor, now: datetime) -> list[Programme]:
    """Return the programmes this person may refer to: police only those under a caution."""
    on_offer = active_programmes()
    if actor.has(Role.CASEWORKER, Role.MANAGER):
        return on_offer
    return [programme for programme in on_offer if is_under_caution(programme.code, now)]


def is_under_caution(programme_code: str, now: datetime) -> bool:
    """Tell whether a programme is two workshops under a conditional caution."""
    return programme_policy(programme_code, now).form is Form.TWO_WORKSHOPS


def colleagues() -> Colleagues:
    """Return the staff that an accepted referral may be given to."""
    return Colleagues(staff_with_role(Role.CASEWORKER), staff_with_role(Role.VICTIM_SAFETY))


def officers() -> list[tuple[str, str]]:
    """Return every officer as (id, name), names told apart by their sign-in name where two are alike."""
    found = staff_with_role(Role.POLICE)
    names = [officer.name for officer in found]
    return [
        (str(one.id), one.name if names.count(one.name) == 1 else f"{one.name} ({one.username})")
        for one in found
    ]


def doubles(actor: Actor, sought: Identity, *, but: int | None = None) -> list[Participant]:
    """Return known people who are probably this one; police see only those they referred themselves."""
    found = [person for person in likely_duplicates(sought) if person.id != but]
    if not found or actor.has(Role.CASEWORKER, Role.MANAGER):
        return found
    own = set(
        db.session.scalars(
            select(Referral.participant_id).where(
                Referral.participant_id.in_([person.id for person in found]), may_see_referral(actor)
            )
        )
    )
    return [person for person in found if person.id in own]


def was_received(request_key: str | None) -> bool:
    """Tell whether the very form with this key was sent before: a double click."""
    sent = select(Referral.id).where(Referral.request_key == request_key)
    return bool(request_key) and db.session.scalar(sent.limit(1)) is not None


def _with_names(found: Select[Referral]) -> Select[Referral]:
    return found.options(
        joinedload(Referral.participant),
        joinedload(Referral.programme),
        joinedload(Referral.referrer),
        joinedload(Referral.enrolment),
    )


def waiting_referrals(actor: Actor) -> Sequence[Referral]:
    """Return the undecided referrals this person may see: new ones first, then held ones, oldest first."""
    found = select(Referral).where(Referral.status.in_(WAITING), may_see_referral(actor))
    order = (Referral.status.desc(), Referral.received_at, Referral.id)
    return db.session.scalars(_with_names(found).order_by(*order)).all()


def decided_referrals(actor: Actor) -> Sequence[Referral]:
    """Return the decided referrals this person may see, newest first, at most 200."""
    found = select(Referral).where(Referral.status.not_in(WAITING), may_see_referral(actor))
    order = (Referral.received_at.desc(), Referral.id.desc())
    return db.session.scalars(_with_names(found).order_by(*order).limit(MOST)).all()


def answered(referral: Referral, now: datetime) -> list[Answered]:
    """Return a caution's questions with their answers; nothing for other programmes."""
    if not is_under_caution(referral.programme_code, now):
        return []
    words = dict(ANSWERS) | dict(LEVELS)
    return [
        Answered(question.text, words.get(answer, answer), answer == UNKNOWN)
        for question in CARA_QUESTIONS
        for answer in [referral.answers.get(question.key, UNKNOWN)]
    ]


def open_questions(referral: Referral, now: datetime) -> list[EligibilityQuestion]:
    """Return the questions that a held referral waits for."""
    held = referral.status == ReferralStatus.INFORMATION_REQUESTED
    if not held or not is_under_caution(referral.programme_code, now):
        return []
    return [question for question in CARA_QUESTIONS if referral.answers.get(question.key, UNKNOWN) == UNKNOWN]


def workshops_seen(enrolment: Enrolment | None, now: datetime) -> list[WorkshopSeen]:
    """Return an enrolment's sessions with attendance as police may know it, in order of date."""
    if enrolment is None:
        return []
    marks = {mark.session_id: mark for mark in current_marks(enrolment.id)}
    sessions = {mark.session_id: mark.session for mark in marks.values()}
    sessions |= {booking.session_id: booking.session for booking in live_bookings(enrolment.id)}
    ordered = sorted(sessions.values(), key=lambda session: session.starts_at)
    return [_seen(session, marks.get(session.id), now) for session in ordered]


def _seen(session: Session, mark: Mark | None, now: datetime) -> WorkshopSeen:
    label = f"Workshop {session.part}" if session.part else f"Session {session.number or ''}".strip()
    state, words = attendance_words(session, mark, now)
    return WorkshopSeen(label, session.starts_at, state, words)


def attendance_words(session: Session, mark: Mark | None, now: datetime) -> tuple[str, str]:
    """Return a chip's kind and words for one session: attended, not attended, refused or to come."""
    if session.cancelled_at is not None:
        return "excused_provider", "Cancelled by us"
    if mark is None:
        return ("booked", "Booked") if session.starts_at > now else ("draft", "Register not in yet")
    outcome = Outcome(mark.outcome)
    if outcome.kind.neutral:
        return "closed", "Attendance was not expected"
    if outcome.kind.attended:
        return "attended", "Attended"
    return ("refused_late", "Refused") if outcome in _REFUSED else ("absent", "Not attended")


def notices_for(actor: Actor, enrolment: Enrolment | None) -> Sequence[Notice]:
    """Return the released notices on an enrolment that this person may read, newest first."""
    if enrolment is None:
        return []
    found = select(Notice).where(Notice.enrolment_id == enrolment.id, may_see_notice(actor))
    return db.session.scalars(found.order_by(Notice.released_at.desc(), Notice.id.desc())).all()


def name_of(staff_id: int | None) -> str | None:
    """Return a colleague's name."""
    staff = staff_by_id(staff_id) if staff_id else None
    return staff.name if staff else None
