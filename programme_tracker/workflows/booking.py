"""Booking a person on a session, with every refusal of product.md §4."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.kernel.working_time import local_date
from programme_tracker.people.models import Participant
from programme_tracker.people.queries import separated_from
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, gate_is_open, is_live
from programme_tracker.referrals.services import decision_of, is_over, set_status
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.scheduling.queries import (
    booked_around,
    booked_counts,
    live_booking,
    live_bookings,
    sessions_of,
)
from programme_tracker.scheduling.rules import PartRules, overlaps, part_b_warning
from programme_tracker.scheduling.services import add_booking, end_booking
from programme_tracker.workflows.parts import PART_A, PART_B, part_a_day, part_refusal
from programme_tracker.workflows.permissions import DELIVERY, require
from programme_tracker.workflows.reassessing import plan_next_look
from programme_tracker.workflows.texting import drop_planned, plan_booked
from programme_tracker.workflows.time_tasks import FIRST_CONTACT_DONE

#: What a refusal says to whoever books; each ends with what to do next.
SENTENCES = {
    Code.PART_A_FIRST: "Book part A first: part B follows it.",
    Code.TOO_SOON_AFTER_PART_A: "Part B must be at least {gap} days after part A. Choose a later day.",
    Code.AFTER_CAUTION_EXPIRES: "Both parts must fit before the caution expires. Choose an earlier day, "
    "or ask the officer: only police may vary the caution.",
}


@dataclass(frozen=True)
class BookingResult:
    """A booking made, and a warning for the person who made it."""

    booking: Booking
    warning: str | None = None


def book(
    session_id: int, enrolment_id: int, *, actor: Actor, now: datetime, announce: bool = True
) -> BookingResult:
    """Book a person on one session and plan its texts.

    A booking on the same part that is still to come is replaced. Raises RefusedError with the
    code of product.md §4.
    """
    require(actor, *DELIVERY, why="Ask the caseworker to book this.")
    with transaction():
        session, enrolment = _locked_pair(session_id, enrolment_id)
        refuse_enrolment(enrolment)
        refuse_session(session, enrolment, now)
        _replace_same_part(session, enrolment, actor=actor, now=now)
        refuse_company(session, enrolment)
        booking = add_booking(session, enrolment, actor=actor, now=now)
        _drop_part_b_too_soon(session, enrolment, actor=actor, now=now)
        become_enrolled(enrolment, actor=actor, now=now)
        plan_booked(session, enrolment, actor=actor, now=now, announce=announce)
        plan_next_look(enrolment, now)
        return BookingResult(booking, _warning(session, enrolment, now))


def _locked_pair(session_id: int, enrolment_id: int) -> tuple[Session, Enrolment]:
    """Lock in the order that every workflow keeps: session, enrolment, participant."""
    session = locked(Session, session_id)
    enrolment = locked(Enrolment, enrolment_id)
    locked(Participant, enrolment.participant_id)
    return session, enrolment


def refuse_enrolment(enrolment: Enrolment) -> None:
    """Refuse an enrolment that may not be booked at all.

    After a breach report places may be held while police decide (domain.md §9.5).
    """
    if not gate_is_open(Gate(enrolment.gate)):
        raise RefusedError(
            Code.GATE_NOT_GRANTED, "Victim safety has not signed this off. Nothing can be booked yet."
        )
    if not is_live(EnrolmentStatus(enrolment.status), decision_of(enrolment)):
        state = "has ended" if is_over(enrolment) else "is suspended"
        raise RefusedError(Code.NOT_ALLOWED, f"This enrolment {state}, so nothing can be booked.")


def refuse_session(session: Session, enrolment: Enrolment, now: datetime) -> None:
    """Refuse a session that this enrolment may not be booked on, whoever else is."""
    if session.programme_code != enrolment.programme_code:
        raise RefusedError(Code.NOT_ALLOWED, "That session belongs to another programme.")
    if session.cancelled_at is not None:
        raise RefusedError(Code.NOT_ALLOWED, "That session was cancelled. Choose another.")
    if session.starts_at <= now or session.submitted_at is not None:
        raise RefusedError(Code.IN_THE_PAST, "That session has begun. Choose one still to come.")
    code = part_refusal(session.part, local_date(session.starts_at), enrolment, now)
    if code is not None:
        gap = programme_policy(enrolment.programme_code, now).part_gap_min_days
        raise RefusedError(code, SENTENCES[code].format(gap=gap))


def refusal_for(session: Session, enrolment: Enrolment, now: datetime) -> RefusedError | None:
    """Say why this booking would be refused, or None: for showing it before anybody asks.

    Takes no lock, so ``book`` looks again. Somebody booked there already is refused too.
    """
    try:
        refuse_enrolment(enrolment)
        refuse_session(session, enrolment, now)
        _refuse_twice(session, enrolment)
        replaced = [booking.session_id for booking in would_replace(session, enrolment, now)]
        refuse_company(session, enrolment, replaced)
    except RefusedError as refused:
        return refused
    return None


def _refuse_twice(session: Session, enrolment: Enrolment) -> None:
    if live_booking(session.id, enrolment.id) is not None:
        raise RefusedError(Code.NOT_ALLOWED, "This person is booked on this session already.")


@dataclass(frozen=True)
class Company:
    """What stands beside a person in some sessions, read once for all of them."""

    busy: Sequence[Session]
    #: Where those are booked whom this person must not meet.
    apart: Sequence[Session]
    taken: Mapping[int, int]


def company_of(enrolment: Enrolment, sessions: Collection[Session]) -> Company:
    """Read what decides whether a person may be booked on these sessions."""
    apart = separated_from(enrolment.participant_id)
    return Company(
        busy=booked_around(enrolment.participant_id, sessions),
        apart=sessions_of(apart) if apart else (),
        taken=booked_counts([session.id for session in sessions]),
    )


def refuse_company(
    session: Session,
    enrolment: Enrolment,
    replaced: Collection[int] = (),
    company: Company | None = None,
) -> None:
    """Refuse a session that is full, at a time already taken, or with somebody to be kept apart.

    ``replaced`` are sessions given up for this one: they take no time. ``company`` is what was
    read before for several sessions.
    """
    company = company or company_of(enrolment, [session])
    ignored = (session.id, *replaced)
    if any(
        other.id not in ignored
        and overlaps(other.starts_at, other.minutes, session.starts_at, session.minutes)
        for other in company.busy
    ):
        raise RefusedError(
            Code.CLASH_PARTICIPANT, "This person is booked elsewhere at that time. Choose another time."
        )
    if _brings_near(session, company.apart, session.starts_at):
        raise RefusedError(Code.SEPARATED, "This session cannot be booked. Choose another.")
    if company.taken.get(session.id, 0) >= session.capacity:
        raise RefusedError(Code.FULL, "Every place is taken. Choose another session.")


def must_not_meet(session: Session, enrolment: Enrolment, starts_at: datetime) -> bool:
    """Tell whether a session starting then would bring a person near somebody to be kept apart.

    They share no session, day, venue or staff (product.md §9).
    """
    apart = separated_from(enrolment.participant_id)
    return bool(apart) and _brings_near(session, sessions_of(apart), starts_at)


def _brings_near(session: Session, apart: Sequence[Session], starts_at: datetime) -> bool:
    return any(
        other.id == session.id
        or local_date(other.starts_at) == local_date(starts_at)
        or (session.venue_id is not None and other.venue_id == session.venue_id)
        or not {person.id for person in other.staff}.isdisjoint(person.id for person in session.staff)
        for other in apart
    )


def become_enrolled(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Note that a person waiting, or back after a police decision, has a place now."""
    if enrolment.status in {EnrolmentStatus.WAITLISTED, EnrolmentStatus.BREACH_DECIDED}:
        set_status(enrolment, EnrolmentStatus.ENROLLED, actor=actor, now=now)
    enrolment.first_contact_step = FIRST_CONTACT_DONE


def _replace_same_part(session: Session, enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    for booking in would_replace(session, enrolment, now):
        give_up(booking, "booked on another day instead", actor=actor, now=now)


def would_replace(session: Session, enrolment: Enrolment, now: datetime) -> list[Booking]:
    """Return the bookings on the same part, still to come, that booking this session gives up."""
    if session.part is None:
        return []
    return [
        booking
        for booking in live_bookings(enrolment.id)
        if booking.session.part == session.part
        and booking.session.starts_at > now
        and booking.session_id != session.id
    ]


def _drop_part_b_too_soon(session: Session, enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """Give up a part B that no longer follows a newly booked part A by long enough."""
    if session.part != PART_A:
        return
    for booking in live_bookings(enrolment.id):
        if booking.session.part != PART_B or booking.session.starts_at <= now:
            continue
        day = local_date(booking.session.starts_at)
        if part_refusal(PART_B, day, enrolment, now) is not None:
            give_up(booking, "part A is now too late for it", actor=actor, now=now)


def give_up(booking: Booking, why: str, *, actor: Actor, now: datetime) -> None:
    """End a booking and drop the texts about it that have not gone."""
    end_booking(booking, why, actor=actor, now=now)
    drop_planned(booking.session, booking.enrolment, why, actor=actor, now=now)


def unbook(booking_id: int, why: str, *, actor: Actor, now: datetime) -> None:
    """Take a person off a session still to come, saying why."""
    require(actor, *DELIVERY, why="Ask the caseworker to change this booking.")
    with transaction():
        booking = locked(Booking, booking_id)
        if booking.session.starts_at <= now:
            raise RefusedError(Code.IN_THE_PAST, "That session has begun: mark its register instead.")
        enrolment = locked(Enrolment, booking.enrolment_id)
        give_up(booking, why, actor=actor, now=now)
        plan_next_look(enrolment, now)


def _warning(session: Session, enrolment: Enrolment, now: datetime) -> str | None:
    first = part_a_day(enrolment, now)
    if session.part != PART_B or first is None:
        return None
    policy = programme_policy(enrolment.programme_code, now)
    rules = PartRules(policy.part_gap_min_days, policy.part_gap_max_days)
    return part_b_warning(local_date(session.starts_at), first, rules)
