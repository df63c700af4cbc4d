"""One enrolment's facts as the person signed in may see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.queries import current_marks
from programme_tracker.attendance.rules import Outcome
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageState, Recipient
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.scheduling.rules import last_day_for_part_a, last_day_for_part_b
from programme_tracker.workflows.parts import part_rules
from programme_tracker.workflows.visibility import may_see_session

KIND_WORDS = {
    "workshop": "Workshop",
    "one_to_one": "One-to-one",
    "assessment": "Assessment",
    "catch_up": "Catch-up",
    "group": "Session",
}
TEXT_WORDS = {
    "booked": "Booking text",
    "reminder": "Reminder",
    "changed": "Change text",
    "cancelled": "Cancellation text",
    "answer": "Answer",
}

#: What a message's state is shown as: the kind of a chip.
TEXT_CHIPS = {
    MessageState.CLAIMED: "planned",
    MessageState.ACCEPTED: "sent",
    MessageState.UNKNOWN: "sending",
}


@dataclass(frozen=True)
class TextSeen:
    """One text about a session: what it is, when it goes or went, and what became of it."""

    words: str
    at: datetime
    chip: str
    why: str = ""
    message_id: int | None = None


@dataclass(frozen=True)
class SittingSeen:
    """One session of one person: ``chip`` says what became of it."""

    session: Session
    label: str
    chip: str
    is_to_come: bool
    texts: list[TextSeen] = field(default_factory=list)


@dataclass(frozen=True)
class CautionClock:
    """What the picture of the caution shows."""

    issued_on: date
    expires_on: date
    last_day_a: date
    last_day_b: date
    parts: list[dict[str, object]]


def sees_all(actor: Actor) -> bool:
    """Tell whether somebody works the case: caseworkers and managers."""
    return actor.has(Role.CASEWORKER, Role.MANAGER)


def is_reduced(actor: Actor) -> bool:
    """Tell whether somebody gets the facilitator's page: no risk, no reasons, no notices."""
    return not actor.has(Role.CASEWORKER, Role.MANAGER, Role.VICTIM_SAFETY)


def session_label(session: Session) -> str:
    """Name a session in a word or two: "Part A", "Session 7", "One-to-one"."""
    if session.part:
        return f"Part {session.part}"
    name = KIND_WORDS.get(session.kind, "Session")
    return f"{name} {session.number}" if session.number else name


def sittings(enrolment: Enrolment, actor: Actor, now: datetime) -> list[SittingSeen]:
    """Return the sessions a person is booked on or was marked at, in order; facilitators see their own."""
    marks = {mark.session_id: mark for mark in current_marks(enrolment.id)}
    booked = select(Booking.session_id).where(
        Booking.enrolment_id == enrolment.id, Booking.ended_at.is_(None)
    )
    found = select(Session).where(or_(Session.id.in_(marks), Session.id.in_(booked)))
    if is_reduced(actor):
        found = found.where(may_see_session(actor))
    sessions = db.session.scalars(found.options(joinedload(Session.venue)).order_by(Session.starts_at)).all()
    texts = {} if is_reduced(actor) else texts_by_session(enrolment.id)
    return [
        SittingSeen(
            session,
            session_label(session),
            _chip(session, marks.get(session.id), now),
            session.starts_at > now and session.cancelled_at is None,
            texts.get(session.id, []),
        )
        for session in sessions
    ]


def _chip(session: Session, mark: Mark | None, now: datetime) -> str:
    if mark is not None:
        return mark.outcome
    if session.cancelled_at is not None:
        return "excused_provider"
    return "booked" if session.starts_at > now else "draft"


def texts_by_session(enrolment_id: int) -> dict[int, list[TextSeen]]:
    """Return the texts about each session, in the order in which they were to go."""
    found = select(Message).where(
        Message.enrolment_id == enrolment_id,
        Message.recipient != Recipient.STAFF,
        Message.session_id.is_not(None),
        Message.state != MessageState.CANCELLED,
    )
    seen: dict[int, list[TextSeen]] = {}
    for message in db.session.scalars(found.order_by(Message.send_at, Message.id)):
        seen.setdefault(message.session_id or 0, []).append(text_seen(message))
    return seen


def text_seen(message: Message) -> TextSeen:
    """Return a text as pages show it."""
    why = message.blocked_reason.value.replace("_", " ") if message.blocked_reason else ""
    at = message.delivered_at or message.handed_over_at or message.send_at
    words = TEXT_WORDS.get(message.kind.value, "Text")
    return TextSeen(words, at, TEXT_CHIPS.get(message.state, message.state.value), why, message.id)


def next_sitting(seen: Sequence[SittingSeen]) -> SittingSeen | None:
    """Return the next session still to come."""
    return next((sitting for sitting in seen if sitting.is_to_come), None)


def caution_clock(enrolment: Enrolment, seen: Sequence[SittingSeen], now: datetime) -> CautionClock | None:
    """Return what the picture of the caution shows; None where there is no caution."""
    issued_on, expires_on = enrolment.caution_issued_on, enrolment.caution_expires_on
    if expires_on is None:
        return None
    rules = part_rules(enrolment, now)
    return CautionClock(
        issued_on or local_date(enrolment.referral.received_at),
        expires_on,
        last_day_for_part_a(expires_on, rules),
        last_day_for_part_b(expires_on),
        [
            {"part": sitting.session.part, "on": local_date(sitting.session.starts_at), "state": state}
            for sitting in seen
            if sitting.session.part and (state := _part_state(sitting))
        ],
    )


def _part_state(sitting: SittingSeen) -> str | None:
    """Return a part's state in the picture: booked, attended or missed; None when it does not count."""
    if sitting.chip not in set(Outcome):
        return "booked"
    kind = Outcome(sitting.chip).kind
    if kind.neutral:
        return None
    return "attended" if kind.credit else "missed"


def is_suspended(enrolment: Enrolment) -> bool:
    """Tell whether an enrolment is suspended."""
    return enrolment.status == EnrolmentStatus.SUSPENDED
