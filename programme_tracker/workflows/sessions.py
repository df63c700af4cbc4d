"""Making, moving and cancelling sessions; victim safety hears of a change first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails, add_mark
from programme_tracker.escalation.services import NoticeDetails
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, serialised, transaction
from programme_tracker.kernel.working_time import (
    WorkingCalendar,
    from_local,
    is_english_bank_holiday,
    local_date,
    to_local,
)
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.models import Booking, Session, SessionKind
from programme_tracker.scheduling.queries import (
    booked_on,
    clash_for_participant,
    clash_for_staff,
    clash_for_venue,
    later_in_group,
)
from programme_tracker.scheduling.rules import moved_starts
from programme_tracker.scheduling.services import (
    MoveReason,
    NewSession,
    add_session,
    set_cancelled,
    set_start,
    venue_named,
)
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.workflows.booking import SENTENCES, must_not_meet
from programme_tracker.workflows.escalating import inform, person_facts, session_facts
from programme_tracker.workflows.parts import PART_A, is_too_late_for_part_b, part_refusal
from programme_tracker.workflows.permissions import DELIVERY, require
from programme_tracker.workflows.reassessing import plan_next_look
from programme_tracker.workflows.recipients import lead_for, victim_safety_for
from programme_tracker.workflows.texting import plan_cancelled, plan_changed

CALENDAR = WorkingCalendar()


@dataclass(frozen=True)
class SessionPlan:
    """One session as a person asks for it; ``starts`` is a naive London wall time."""

    programme_code: str
    starts: datetime
    staff_ids: Sequence[int]
    kind: str | None = None
    part: str | None = None
    topic: str | None = None
    venue: str | None = None
    minutes: int | None = None


def create_session(plan: SessionPlan, *, actor: Actor, now: datetime) -> Session:
    """Make one session. Raises RefusedError with the code of product.md §4."""
    require(actor, *DELIVERY, why="Ask a caseworker to make this session.")
    policy = policy_at(now).programmes[plan.programme_code]
    one_to_one = plan.kind in {SessionKind.ONE_TO_ONE, SessionKind.ASSESSMENT}
    with transaction():
        serialised("schedule")
        venue_id = venue_named(plan.venue).id if plan.venue else None
        details = NewSession(
            programme_code=plan.programme_code,
            kind=plan.kind or (SessionKind.WORKSHOP if plan.part else SessionKind.GROUP),
            starts_at=from_local(plan.starts),
            minutes=plan.minutes or policy.minutes,
            capacity=1 if one_to_one else policy.capacity,
            staff_ids=plan.staff_ids,
            part=plan.part,
            topic=plan.topic,
            venue_id=venue_id,
        )
        refuse_time(details.starts_at, now)
        refuse_clashes(details)
        return add_session(details, actor=actor, now=now)


def refuse_time(starts_at: datetime, now: datetime) -> None:
    """Refuse a start that is past or on a bank holiday of England."""
    if starts_at <= now:
        raise RefusedError(Code.IN_THE_PAST, "Choose a time still to come.", field="starts")
    if is_english_bank_holiday(local_date(starts_at)):
        raise RefusedError(
            Code.BANK_HOLIDAY, "That day is a bank holiday. Choose another day.", field="starts"
        )


def refuse_clashes(details: NewSession, but: int | None = None) -> None:
    """Refuse a time at which the staff or the venue are taken (product.md §4)."""
    if clash_for_staff(details.staff_ids, details.starts_at, details.minutes, but=but):
        raise RefusedError(Code.CLASH_STAFF, "Somebody who would run this is busy then. Choose another time.")
    if details.venue_id and clash_for_venue(details.venue_id, details.starts_at, details.minutes, but=but):
        raise RefusedError(
            Code.CLASH_VENUE, "The venue is taken then. Choose another time or place.", field="venue"
        )


def move_session(
    session_id: int,
    starts: datetime,
    *,
    later_too: bool = False,
    reason: MoveReason | None = None,
    actor: Actor,
    now: datetime,
) -> list[Session]:
    """Move a session to a London wall time, and with ``later_too`` the later ones of its group.

    Past sessions never move; catch-ups and one-to-ones stay. Victim safety is told at once, each
    participant a quarter of an hour later of the first of these sessions that is theirs.
    """
    require(actor, *DELIVERY, why="Ask a caseworker to move this session.")
    with transaction():
        serialised("schedule")
        session = locked(Session, session_id)
        _refuse_change(session, now)
        refuse_time(from_local(starts), now)
        moved = [session, *(later_in_group(session) if later_too else [])]
        walls = [to_local(one.starts_at).replace(tzinfo=None) for one in moved]
        new_walls = moved_starts(walls, 0, starts, later_too, is_english_bank_holiday)
        pairs = list(zip(moved, new_walls, strict=True))
        first_hit = _first_hit(moved)
        # The last goes first when all move forward, so that none lands where the next still is.
        for one, wall in reversed(pairs) if starts > walls[0] else pairs:
            tell = first_hit[one.id]
            _move_one(one, from_local(wall), tell=tell, reason=reason, actor=actor, now=now)
        return moved


def _first_hit(moved: Sequence[Session]) -> dict[int, frozenset[int]]:
    """Return by moved session the enrolments for which it is the first of them, in order of date."""
    seen: set[int] = set()
    first: dict[int, frozenset[int]] = {}
    for session in sorted(moved, key=lambda one: one.starts_at):
        here = frozenset(booking.enrolment_id for booking in booked_on(session.id))
        first[session.id] = here - seen
        seen |= here
    return first


def refuse_move(session: Session, starts_at: datetime, now: datetime) -> None:
    """Refuse a new start as ``move_session`` would, for asking before; takes no lock."""
    _refuse_change(session, now)
    refuse_time(starts_at, now)
    _refuse_new_start(session, starts_at, now)


def _refuse_new_start(session: Session, starts_at: datetime, now: datetime) -> list[Booking]:
    """Refuse a start that somebody cannot keep; return the bookings of those who come along."""
    refuse_clashes(_as_new(session, starts_at), but=session.id)
    bookings = [booking for booking in booked_on(session.id) if not is_over(booking.enrolment)]
    for booking in bookings:
        _refuse_move_for(booking.enrolment, session, starts_at, now)
    return bookings


def _refuse_change(session: Session, now: datetime) -> None:
    if session.cancelled_at is not None:
        raise RefusedError(Code.NOT_ALLOWED, "This session was cancelled already.")
    if session.starts_at <= now or session.submitted_at is not None:
        raise RefusedError(Code.IN_THE_PAST, "This session has begun, so it cannot be changed.")


def _move_one(
    session: Session,
    starts_at: datetime,
    *,
    tell: Collection[int],
    reason: MoveReason | None,
    actor: Actor,
    now: datetime,
) -> None:
    bookings = _refuse_new_start(session, starts_at, now)
    was_at = session.starts_at
    set_start(session, starts_at, actor=actor, now=now, reason=reason)
    enrolments = [locked(Enrolment, booking.enrolment_id) for booking in bookings]
    for booking in bookings:
        booking.confirmed_at = None  # they said yes to another time
    for enrolment in enrolments:
        if enrolment.id in tell:
            _tell_of_change(enrolment, session, now, actor, changed_from=was_at)
    for enrolment in enrolments:
        plan_changed(session, enrolment, was_at, actor=actor, now=now, announce=enrolment.id in tell)
        plan_next_look(enrolment, now)


def _as_new(session: Session, starts_at: datetime) -> NewSession:
    return NewSession(
        programme_code=session.programme_code,
        kind=session.kind,
        starts_at=starts_at,
        minutes=session.minutes,
        capacity=session.capacity,
        staff_ids=[person.id for person in session.staff],
        venue_id=session.venue_id,
    )


def _refuse_move_for(enrolment: Enrolment, session: Session, starts_at: datetime, now: datetime) -> None:
    if clash_for_participant(enrolment.participant_id, starts_at, session.minutes, but=(session.id,)):
        raise RefusedError(Code.CLASH_PARTICIPANT, "Somebody booked here is booked elsewhere then.")
    code = part_refusal(session.part, local_date(starts_at), enrolment, now)
    if code is not None:
        gap = policy_at(now).programmes[enrolment.programme_code].part_gap_min_days
        raise RefusedError(code, "For somebody booked here: " + SENTENCES[code].format(gap=gap))
    if session.part == PART_A and is_too_late_for_part_b(local_date(starts_at), enrolment, now):
        raise RefusedError(
            Code.TOO_SOON_AFTER_PART_A,
            "For somebody booked here part B would be too soon. Move B first.",
        )
    if must_not_meet(session, enrolment, starts_at):
        raise RefusedError(Code.SEPARATED, "This session cannot be moved there. Choose another time.")


def _tell_of_change(
    enrolment: Enrolment,
    session: Session,
    now: datetime,
    actor: Actor,
    changed_from: datetime | None = None,
) -> None:
    """Tell victim safety that he will be home, or out, at another time (product.md §9)."""
    facts = person_facts(enrolment) | session_facts(session)
    if changed_from is not None:
        facts["changed_from"] = to_local(changed_from).isoformat(timespec="minutes")
        facts["changed_to"] = to_local(session.starts_at).isoformat(timespec="minutes")
    details = NoticeDetails(
        kind="programme_change", enrolment_id=enrolment.id, facts=facts, session_id=session.id
    )
    inform(details, [victim_safety_for(enrolment, now)], now=now, actor=actor)


def cancel_session(session_id: int, reason: str | None, *, actor: Actor, now: datetime) -> Session:
    """Cancel a session: victim safety now, participants a quarter of an hour later; neutral for all."""
    require(actor, *DELIVERY, why="Ask a caseworker to cancel this session.")
    with transaction():
        session = locked(Session, session_id)
        if session.cancelled_at is not None or session.submitted_at is not None:
            raise RefusedError(Code.NOT_ALLOWED, "This session is over or cancelled already.")
        if session.starts_at + timedelta(minutes=session.minutes) <= now:
            raise RefusedError(Code.IN_THE_PAST, "This session is over: submit its register instead.")
        set_cancelled(session, reason, actor=actor, now=now)
        bookings = [booking for booking in booked_on(session.id) if not is_over(booking.enrolment)]
        enrolments = [locked(Enrolment, booking.enrolment_id) for booking in bookings]
        for enrolment in enrolments:
            _tell_of_change(enrolment, session, now, actor)
        for enrolment in enrolments:
            add_mark(session, enrolment, MarkDetails(Outcome.EXCUSED_PROVIDER), actor=SYSTEM, now=now)
            plan_cancelled(session, enrolment, actor=actor, now=now)
            _ask_for_catch_up(enrolment, session, now)
            plan_next_look(enrolment, now)
        return session


def _ask_for_catch_up(enrolment: Enrolment, session: Session, now: datetime) -> None:
    create_task(
        TaskKind.BOOK_CATCH_UP,
        to="lead",
        staff_id=lead_for(enrolment, now).staff_id,
        enrolment_id=enrolment.id,
        session_id=session.id,
        why="We cancelled this session. Book another in its place.",
        due_on=_next_working_day(now),
        now=now,
    )


def _next_working_day(now: datetime) -> date:
    return CALENDAR.next_working_day(local_date(now))
