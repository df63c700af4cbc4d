"""A one-to-one or an assessment made and booked in one go."""

from dataclasses import replace
from datetime import datetime

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import transaction
from programme_tracker.kernel.working_time import is_english_bank_holiday
from programme_tracker.scheduling.rules import weekly_starts
from programme_tracker.workflows.booking import BookingResult, book
from programme_tracker.workflows.sessions import SessionPlan, create_session

#: As many weeks as may be booked in one go.
MOST_WEEKS = 26


def book_one_to_one(
    plan: SessionPlan, enrolment_id: int, *, actor: Actor, now: datetime, announce: bool = True
) -> BookingResult:
    """Make a session for one person and book them on it, or neither.

    Raises RefusedError with the code of product.md §4.
    """
    with transaction():
        session = create_session(plan, actor=actor, now=now)
        return book(session.id, enrolment_id, actor=actor, now=now, announce=announce)


def book_weekly(
    plan: SessionPlan, enrolment_id: int, weeks: int, *, actor: Actor, now: datetime
) -> list[BookingResult]:
    """Make and book the same hour in several weeks, bank holidays skipped; all of them or none.

    Only the first is announced by text; each has its own reminders. ``weeks`` is 1 to 26.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise RefusedError(Code.NOT_ALLOWED, f"Choose 1 to {MOST_WEEKS} weeks.", field="weeks")
    starts = weekly_starts(plan.starts, weeks, is_english_bank_holiday)
    with transaction():
        return [
            book_one_to_one(
                replace(plan, starts=wall), enrolment_id, actor=actor, now=now, announce=wall is starts[0]
            )
            for wall in starts
        ]
