"""Gathering what the engagement rules look at, out of the rooms that know it."""

from dataclasses import dataclass
from datetime import datetime

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.queries import current_marks
from programme_tracker.attendance.rules import Outcome
from programme_tracker.engagement.queries import times_reached
from programme_tracker.engagement.rules import Sitting, Standing
from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.programmes.rules import Policy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import neutral_spans_of, suspensions_of
from programme_tracker.referrals.rules import EnrolmentStatus
from programme_tracker.referrals.services import is_over
from programme_tracker.scheduling.models import Booking, SessionKind
from programme_tracker.scheduling.queries import live_bookings

PARTS = frozenset({"A", "B"})

#: Statuses in which time alone can change nothing: the police have the matter, or it is over.
_OUT_OF_TIME = frozenset({EnrolmentStatus.BREACH_REPORTED.value, EnrolmentStatus.COMPLETED.value})


def sittings_of(marks: list[Mark]) -> list[Sitting]:
    """Turn marks that stand into what the rules read, in order of session."""
    return [
        Sitting(
            session_id=mark.session_id,
            starts_at=mark.session.starts_at,
            on=local_date(mark.session.starts_at),
            outcome=Outcome(mark.outcome),
            is_assessment=mark.session.kind == SessionKind.ASSESSMENT,
            part=mark.session.part,
            minutes=mark.session.minutes,
            is_mandated=mark.was_mandated,
            is_high_risk=mark.at_high_risk,
        )
        for mark in marks
    ]


def parts_done(sittings: list[Sitting]) -> dict[str, Sitting]:
    """Return the parts that count now: B only after A, and a miss of either undoes both (product.md §2)."""
    done: dict[str, Sitting] = {}
    for sitting in sittings:
        if sitting.part not in PARTS:
            continue
        if sitting.kind.credit:
            if sitting.part == "A" or "A" in done:
                done[sitting.part] = sitting
        elif sitting.kind.missed:
            done.clear()
    return done


def _awaits_register(bookings: list[Booking], marked: frozenset[int], now: datetime) -> bool:
    """Tell whether a booked workshop has begun whose register is still to come."""
    return any(
        booking.session.part in PARTS
        and booking.session.starts_at <= now
        and booking.session_id not in marked
        and booking.session.cancelled_at is None
        for booking in bookings
    )


@dataclass(frozen=True)
class History:
    """What of an enrolment the rules look at besides its marks, whatever the instant they look at."""

    marks: list[Mark]
    bookings: list[Booking]
    contacts: tuple[datetime, ...]
    suspensions: tuple[tuple[datetime, datetime | None], ...]


def history_of(enrolment: Enrolment) -> History:
    """Read an enrolment's history once, for all the instants at which its standing is asked for."""
    return History(
        marks=current_marks(enrolment.id),
        bookings=live_bookings(enrolment.id),
        contacts=times_reached(enrolment.id),
        suspensions=suspensions_of(enrolment.id) + neutral_spans_of(enrolment.id),
    )


def standing_of(
    enrolment: Enrolment, history: History, now: datetime, policy: Policy | None = None
) -> Standing:
    """Return how an enrolment stands at ``now``, judged by ``policy`` or the one in force."""
    policy = policy or policy_at(now)
    marks, bookings = history.marks, history.bookings
    sittings = sittings_of(marks)
    done = parts_done(sittings)
    first = min((booking.session.starts_at for booking in bookings), default=None)
    held = [mark.session.starts_at for mark in marks]
    return Standing(
        policy=policy.programmes[enrolment.programme_code],
        is_mandated=enrolment.is_mandated,
        risk=enrolment.participant.risk,
        is_priority=enrolment.participant.is_priority,
        enrolled_at=enrolment.enrolled_at,
        first_booked_at=min([*held, *([first] if first else [])], default=None),
        contacts=history.contacts,
        suspensions=history.suspensions,
        caution_expires_on=enrolment.caution_expires_on,
        part_a_attended_on=done["A"].on if "A" in done else None,
        parts_complete=done.keys() >= PARTS,
        awaiting_register=_awaits_register(bookings, frozenset(mark.session_id for mark in marks), now),
        is_live=not is_over(enrolment) and enrolment.status not in _OUT_OF_TIME,
        time_rules_at=policy.general.time_rules_at,
    )
