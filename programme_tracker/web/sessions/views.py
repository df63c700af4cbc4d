"""What the pages of sessions show: the list by programme, and who is booked on one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from programme_tracker.attendance.queries import submissions_of
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import at_local, from_local, local_date
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.queries import messages_for_session
from programme_tracker.messaging.rules import BlockedReason, MessageKind, MessageState
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, gate_is_open
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.scheduling.queries import booked_counts
from programme_tracker.web.sessions.wording import programme_titles, session_label
from programme_tracker.workflows.sessions import SessionPlan
from programme_tracker.workflows.visibility import may_see_session

PAGE = 50

#: How long after making a session the same form counts as sent twice.
TWICE = timedelta(minutes=10)

TEXT_WORDS = {
    MessageKind.BOOKED: "Booked",
    MessageKind.REMINDER: "Reminder",
    MessageKind.CHANGED: "Change",
    MessageKind.CANCELLED: "Cancellation",
}

#: Why a text did not go, for the team.
BLOCKED_WORDS = {
    BlockedReason.GATE: "sign-off not granted",
    BlockedReason.SUSPENDED: "suspended",
    BlockedReason.SESSION_CHANGED: "the session changed",
    BlockedReason.OUTCOME_RECORDED: "the register was submitted",
    BlockedReason.NUMBER_INVALID: "number cannot get texts",
    BlockedReason.NUMBER_SHARED: "number shared with somebody else",
    BlockedReason.NUMBER_UNUSABLE: "number unusable",
    BlockedReason.OPTED_OUT: "asked for no texts",
    BlockedReason.RECONSENT: "own consent needed at 16",
    BlockedReason.EXPIRED: "too late to be of use",
    BlockedReason.IN_CUSTODY: "in custody",
}

_ON_ITS_WAY = {MessageState.PLANNED, MessageState.CLAIMED}
_SHOWN_AS = {MessageState.ACCEPTED: "sent", MessageState.UNKNOWN: "sending", MessageState.CLAIMED: "planned"}


@dataclass(frozen=True)
class SessionRow:
    """One line of the list of sessions."""

    session_id: int
    label: str
    starts_at: datetime
    venue: str | None
    taken: int
    capacity: int
    staff: str
    state: str
    register_due_at: datetime | None
    submission_id: int | None


@dataclass(frozen=True)
class SessionList:
    """Sessions by programme, and whether more follow on the next page."""

    programmes: Sequence[tuple[str, Sequence[SessionRow]]]
    has_more: bool


@dataclass(frozen=True)
class TextState:
    """The last text that should have gone, and the next one planned."""

    kind: str | None
    state: str | None
    why: str
    next_kind: str | None
    next_at: datetime | None
    message_id: int | None = None


@dataclass(frozen=True)
class BookedPerson:
    """Somebody booked on a session."""

    booking_id: int
    enrolment_id: int
    name: str
    sign_off: str
    is_suspended: bool
    is_over: bool
    confirmed_at: datetime | None
    texts: TextState


def sessions_listed(
    actor: Actor, now: datetime, *, programme: str | None, past: bool, page: int
) -> SessionList:
    """Return a page of the sessions this person may see: from today on, or those before."""
    today = at_local(local_date(now), time())
    found = select(Session).where(may_see_session(actor))
    if programme:
        found = found.where(Session.programme_code == programme)
    if past:
        found = found.where(Session.starts_at < today).order_by(Session.starts_at.desc(), Session.id.desc())
    else:
        found = found.where(Session.starts_at >= today).order_by(Session.starts_at, Session.id)
    rows = _page_of(found, page)
    titles = programme_titles(now)
    shown = _rows(rows[:PAGE], now)
    codes = sorted({row.programme_code for row in rows[:PAGE]}, key=lambda code: titles.get(code, code))
    by_programme = [
        (titles.get(code, code), [line for row, line in shown if row.programme_code == code])
        for code in codes
    ]
    return SessionList(by_programme, has_more=len(rows) > PAGE)


def _page_of(found: Select[Session], page: int) -> list[Session]:
    wanted = found.limit(PAGE + 1).offset(PAGE * page)
    return list(
        db.session.scalars(
            wanted.options(joinedload(Session.group), joinedload(Session.venue), selectinload(Session.staff))
        ).unique()
    )


def _rows(sessions: Sequence[Session], now: datetime) -> list[tuple[Session, SessionRow]]:
    ids = [session.id for session in sessions]
    taken = booked_counts(ids)
    receipts = submissions_of(ids)
    return [(one, _row(one, taken.get(one.id, 0), receipts.get(one.id), now)) for one in sessions]


def _row(session: Session, taken: int, submission_id: int | None, now: datetime) -> SessionRow:
    return SessionRow(
        session_id=session.id,
        label=session_label(session, now),
        starts_at=session.starts_at,
        venue=session.venue.name if session.venue else None,
        taken=taken,
        capacity=session.capacity,
        staff=", ".join(person.name for person in session.staff),
        state=register_state(session, taken, now),
        register_due_at=session.register_due_at,
        submission_id=submission_id,
    )


def register_state(session: Session, taken: int, now: datetime) -> str:
    """Tell where a session's register stands, as one of the words that chips know."""
    if session.cancelled_at is not None:
        return "cancelled"
    if session.submitted_at is not None:
        return "submitted"
    if session.starts_at > now:
        return "planned"
    if not taken:
        return "empty"
    due = session.register_due_at
    return "overdue" if due is not None and due < now else "due"


def people_booked(session: Session, actor: Actor) -> list[BookedPerson]:
    """Return who is booked on a session, by name, with the state of their texts."""
    bookings = db.session.scalars(
        select(Booking)
        .join(Booking.enrolment)
        .join(Enrolment.participant)
        .where(Booking.session_id == session.id, Booking.ended_at.is_(None))
        .order_by(Participant.name_folded, Enrolment.id)
        .options(joinedload(Booking.enrolment).joinedload(Enrolment.participant))
    ).all()
    messages = messages_for_session(session.id)
    knows_why = actor.has(Role.CASEWORKER, Role.MANAGER)
    return [_booked(booking, messages, knows_why) for booking in bookings]


def _booked(booking: Booking, messages: Sequence[Message], knows_why: bool) -> BookedPerson:
    enrolment = booking.enrolment
    own = [message for message in messages if message.enrolment_id == enrolment.id]
    return BookedPerson(
        booking_id=booking.id,
        enrolment_id=enrolment.id,
        name=enrolment.participant.name,
        sign_off="granted" if gate_is_open(Gate(enrolment.gate)) else "not_granted",
        is_suspended=enrolment.status == EnrolmentStatus.SUSPENDED,
        is_over=is_over(enrolment),
        confirmed_at=booking.confirmed_at,
        texts=text_state(own, knows_why),
    )


def text_state(messages: Sequence[Message], knows_why: bool) -> TextState:
    """Sum up one person's texts about a session; facilitators learn no more than "number unusable"."""
    gone = [one for one in messages if one.state not in _ON_ITS_WAY | {MessageState.CANCELLED}]
    planned = [one for one in messages if one.state in _ON_ITS_WAY]
    last, ahead = (gone[-1] if gone else None), (planned[0] if planned else None)
    return TextState(
        kind=TEXT_WORDS.get(last.kind) if last else None,
        state=_SHOWN_AS.get(last.state, last.state.value) if last else None,
        why=_why(last, knows_why) if last else "",
        next_kind=TEXT_WORDS.get(ahead.kind) if ahead else None,
        next_at=ahead.send_at if ahead else None,
        message_id=last.id if last else None,
    )


def _why(message: Message, knows_why: bool) -> str:
    reason = message.blocked_reason
    if reason is None or not (knows_why or reason is BlockedReason.NUMBER_UNUSABLE):
        return ""
    return BLOCKED_WORDS[reason]


def twin_of(plan: SessionPlan, now: datetime) -> Session | None:
    """Return the same session made a moment ago: the form came twice."""
    found = db.session.scalars(
        select(Session)
        .where(
            Session.programme_code == plan.programme_code,
            Session.starts_at == from_local(plan.starts),
            Session.part == plan.part if plan.part else Session.kind == plan.kind,
            Session.created_at > now - TWICE,
            Session.cancelled_at.is_(None),
        )
        .options(selectinload(Session.staff))
    )
    wanted = set(plan.staff_ids)
    return next((one for one in found if {person.id for person in one.staff} == wanted), None)
