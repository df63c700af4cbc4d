"""Which workshop days a person's caution allows, given what is attended and booked."""

from datetime import date, datetime, timedelta

from programme_tracker.attendance.queries import current_marks
from programme_tracker.kernel.errors import Code
from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.queries import live_bookings
from programme_tracker.scheduling.rules import PartRules, part_a_refusal, part_b_refusal
from programme_tracker.workflows.standing import parts_done, sittings_of

PART_A, PART_B = "A", "B"


def part_rules(enrolment: Enrolment, now: datetime) -> PartRules:
    """Return the gap between the parts that the policy in force asks for."""
    policy = programme_policy(enrolment.programme_code, now)
    return PartRules(policy.part_gap_min_days, policy.part_gap_max_days)


def part_a_day(enrolment: Enrolment, now: datetime) -> date | None:
    """Return the day of the part A that counts: attended, or else booked and not missed."""
    marks = current_marks(enrolment.id)
    done = parts_done(sittings_of(marks))
    if PART_A in done:
        return done[PART_A].on
    marked = {mark.session_id for mark in marks}
    days = [
        local_date(booking.session.starts_at)
        for booking in live_bookings(enrolment.id)
        if booking.session.part == PART_A
        and booking.session.cancelled_at is None
        and booking.session_id not in marked
    ]
    return max(days, default=None)


def part_refusal(part: str | None, day: date, enrolment: Enrolment, now: datetime) -> Code | None:
    """Say why a part cannot be on ``day`` for this person, or None (product.md §2)."""
    if part is None:
        return None
    expires_on = enrolment.caution_expires_on or date.max
    rules = part_rules(enrolment, now)
    if part == PART_A:
        return part_a_refusal(day, expires_on, rules)
    return part_b_refusal(day, part_a_day(enrolment, now), expires_on, rules)


def is_too_late_for_part_b(day: date, enrolment: Enrolment, now: datetime) -> bool:
    """Tell whether part A on ``day`` would leave too few days before a part B that is booked."""
    earliest = day + timedelta(days=part_rules(enrolment, now).gap_min_days)
    return any(
        booking.session.part == PART_B
        and booking.session.cancelled_at is None
        and now < booking.session.starts_at
        and local_date(booking.session.starts_at) < earliest
        for booking in live_bookings(enrolment.id)
    )
