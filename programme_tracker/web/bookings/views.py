"""What the booking page shows: sessions to come, each with its button or the reason against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from programme_tracker.attendance.queries import current_marks
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.working_time import from_local, local_date
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.queries import messages_for_session
from programme_tracker.messaging.rules import MessageKind, MessageState
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Group, Session, SessionKind
from programme_tracker.scheduling.queries import booked_counts, live_bookings
from programme_tracker.scheduling.rules import last_day_for_part_a, last_day_for_part_b
from programme_tracker.web.presentation import day_words, moment_words
from programme_tracker.web.sessions.wording import session_label
from programme_tracker.workflows.booking import refusal_for, refuse_enrolment, would_replace
from programme_tracker.workflows.group_places import GroupStanding, refuse_group, standings
from programme_tracker.workflows.parts import PART_A, PART_B, part_a_day, part_rules
from programme_tracker.workflows.sessions import SessionPlan
from programme_tracker.workflows.visibility import may_see_enrolment, may_see_session

MOST = 40


@dataclass(frozen=True)
class Offer:
    """A session to come: to be booked, or with the reason why it cannot be."""

    session_id: int
    version: int
    label: str
    part: str | None
    starts_at: datetime
    venue: str | None
    places_left: int
    refusal: str | None
    gives_up: str | None


@dataclass(frozen=True)
class Held:
    """A place this person has, and the texts that will speak of it."""

    booking_id: int
    session_id: int
    label: str
    part: str | None
    starts_at: datetime
    texts: str


@dataclass(frozen=True)
class GroupOffer:
    """A group that takes people: where, when next, and how many places are left."""

    group_id: int
    name: str
    next_at: datetime | None
    places_left: int
    refusal: str | None
    is_own: bool
    is_full: bool


@dataclass(frozen=True)
class CautionPart:
    """A part of the pair as the caution's picture shows it."""

    part: str
    on: date
    state: str


@dataclass(frozen=True)
class CautionDays:
    """The days that a caution allows, and the parts booked or held within it."""

    issued_on: date
    expires_on: date
    last_day_a: date
    last_day_b: date
    parts: Sequence[CautionPart]


def barred(enrolment: Enrolment) -> RefusedError | None:
    """Say why this enrolment may not be booked on anything, or None."""
    try:
        refuse_enrolment(enrolment)
    except RefusedError as refused:
        return refused
    return None


def offers(enrolment: Enrolment, now: datetime, *kinds: SessionKind) -> list[Offer]:
    """Return the sessions of these kinds still to come, each weighed for this person."""
    found = db.session.scalars(
        select(Session)
        .where(
            Session.programme_code == enrolment.programme_code,
            Session.kind.in_([kind.value for kind in kinds]),
            Session.starts_at > now,
            Session.cancelled_at.is_(None),
            Session.submitted_at.is_(None),
        )
        .order_by(Session.starts_at, Session.id)
        .limit(MOST)
        .options(joinedload(Session.venue), joinedload(Session.group))
    ).all()
    taken = booked_counts([session.id for session in found])
    held = {booking.session_id for booking in live_bookings(enrolment.id)}
    return [
        _offer(one, one.capacity - taken.get(one.id, 0), enrolment, now)
        for one in found
        if one.id not in held
    ]


def _offer(session: Session, places_left: int, enrolment: Enrolment, now: datetime) -> Offer:
    refused = refusal_for(session, enrolment, now)
    replaced = would_replace(session, enrolment, now) if refused is None else []
    return Offer(
        session_id=session.id,
        version=session.version,
        label=f"Part {session.part}" if session.part else session_label(session, now),
        part=session.part,
        starts_at=session.starts_at,
        venue=session.venue.name if session.venue else None,
        places_left=max(places_left, 0),
        refusal=reason_against(refused, session, enrolment, now) if refused else None,
        gives_up=_moments(replaced, now) or None,
    )


def reason_against(refused: RefusedError, session: Session, enrolment: Enrolment, now: datetime) -> str:
    """Return the reason in words, with the day that would do where the caution decides."""
    today = local_date(now)
    days = caution_days(enrolment, now)
    if refused.code is Code.AFTER_CAUTION_EXPIRES and days is not None:
        last = days.last_day_a if session.part == PART_A else days.last_day_b
        return f"{refused.message} The last day for part {session.part} is {day_words(last, today)}."
    first = part_a_day(enrolment, now)
    if refused.code is Code.TOO_SOON_AFTER_PART_A and first is not None:
        earliest = first + timedelta(days=part_rules(enrolment, now).gap_min_days)
        return f"{refused.message} The first day for part {PART_B} is {day_words(earliest, today)}."
    return refused.message


def caution_days(enrolment: Enrolment, now: datetime) -> CautionDays | None:
    """Return the days a caution allows; None where there is no caution."""
    expires_on = enrolment.caution_expires_on
    if expires_on is None:
        return None
    return CautionDays(
        issued_on=enrolment.caution_issued_on or local_date(enrolment.created_at),
        expires_on=expires_on,
        last_day_a=last_day_for_part_a(expires_on, part_rules(enrolment, now)),
        last_day_b=last_day_for_part_b(expires_on),
        parts=_caution_parts(enrolment),
    )


def _caution_parts(enrolment: Enrolment) -> list[CautionPart]:
    marks = [mark for mark in current_marks(enrolment.id) if mark.session.part]
    marked = {mark.session_id for mark in marks}
    parts = [
        CautionPart(mark.session.part or "", local_date(mark.session.starts_at), state)
        for mark in marks
        if (state := _part_state(Outcome(mark.outcome)))
    ]
    for booking in live_bookings(enrolment.id):
        session = booking.session
        if session.part and session.id not in marked and session.cancelled_at is None:
            parts.append(CautionPart(session.part, local_date(session.starts_at), "booked"))
    return parts


def _part_state(outcome: Outcome) -> str:
    kind = OUTCOMES[outcome]
    return "attended" if kind.credit else "missed" if kind.missed else ""


def held_places(enrolment: Enrolment, now: datetime) -> list[Held]:
    """Return the places this person has on sessions to come, soonest first."""
    found = db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.enrolment_id == enrolment.id,
            Booking.ended_at.is_(None),
            Session.starts_at > now,
            Session.cancelled_at.is_(None),
        )
        .order_by(Session.starts_at)
        .options(joinedload(Booking.session).joinedload(Session.group))
        .limit(MOST)
    ).all()
    return [
        Held(
            booking_id=booking.id,
            session_id=booking.session_id,
            label=session_label(booking.session, now),
            part=booking.session.part,
            starts_at=booking.session.starts_at,
            texts=texts_in_words(messages_for_session(booking.session_id, enrolment.id), now),
        )
        for booking in found
    ]


def texts_in_words(messages: Sequence[Message], now: datetime) -> str:
    """Say which texts go about a session: "Text sent now; reminders on Sat 5 Sep, 10am and …"."""
    planned = [one for one in messages if one.state is MessageState.PLANNED]
    news = [one.send_at for one in planned if one.kind is not MessageKind.REMINDER]
    reminders = [one.send_at for one in planned if one.kind is MessageKind.REMINDER]
    said = []
    if news:
        said.append("Text sent now" if news[0] <= now else f"Text goes {moment_words(news[0], now)}")
    if reminders:
        noun = "reminder on" if len(reminders) == 1 else "reminders on"
        said.append(f"{noun} {_listed([moment_words(at, now) for at in reminders])}")
    else:
        said.append("no reminder is left to send")
    words = "; ".join(said)
    return f"{words[:1].upper()}{words[1:]}."


def _moments(bookings: Sequence[Booking], now: datetime) -> str:
    return _listed([moment_words(booking.session.starts_at, now) for booking in bookings])


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def groups_to_join(enrolment: Enrolment, now: datetime) -> list[GroupOffer]:
    """Return the open groups of this person's programme that have a session to come."""
    next_at = (
        select(Session.group_id, func.min(Session.starts_at).label("at"))
        .where(Session.starts_at > now, Session.cancelled_at.is_(None))
        .group_by(Session.group_id)
        .subquery()
    )
    found = db.session.execute(
        select(Group, next_at.c.at)
        .join(next_at, next_at.c.group_id == Group.id)
        .where(Group.programme_code == enrolment.programme_code, Group.closed_at.is_(None))
        .order_by(Group.name)
    ).all()
    full = standings([group.id for group, _ in found], now)
    return [_group_offer(group, at, full[group.id], enrolment, now) for group, at in found]


def _group_offer(
    group: Group, next_at: datetime, standing: GroupStanding, enrolment: Enrolment, now: datetime
) -> GroupOffer:
    refused = None
    try:
        refuse_group(group, enrolment, now, standing)
    except RefusedError as error:
        refused = error
    return GroupOffer(
        group_id=group.id,
        name=group.name,
        next_at=next_at,
        places_left=max(group.capacity - standing.members - len(standing.offered_to - {enrolment.id}), 0),
        refusal=refused.message if refused else None,
        is_own=enrolment.group_id == group.id,
        is_full=refused is not None and refused.code is Code.FULL,
    )


def booking_for(actor: Actor, booking_id: int) -> Booking | None:
    """Return a booking if this person may see both sides of it; None alike when there is none."""
    return db.session.scalars(
        select(Booking)
        .join(Booking.enrolment)
        .join(Booking.session)
        .where(
            Booking.id == booking_id,
            may_see_enrolment(actor),
            may_see_session(actor),
        )
        .options(selectinload(Booking.session), selectinload(Booking.enrolment))
    ).first()


def meeting_at(enrolment: Enrolment, plan: SessionPlan) -> Booking | None:
    """Return the booking that this very plan led to a moment ago: the form came twice."""
    starts_at = from_local(plan.starts)
    for booking in live_bookings(enrolment.id):
        if booking.session.starts_at == starts_at and booking.session.kind == plan.kind:
            return booking
    return None


def unreachable(enrolment: Enrolment) -> str | None:
    """Say why no text will reach somebody, or None; what only sending can tell is left to it."""
    person = enrolment.participant
    if person.opted_out_at is not None:
        return "They asked for no texts, so ring them about it."
    if person.mobile is None and person.guardian is None:
        return "There is no mobile number, so ring or write about it."
    return None
