"""A one-to-one or an assessment made and booked in one go."""

from datetime import datetime

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.transaction import transaction
from programme_tracker.workflows.booking import BookingResult, book
from programme_tracker.workflows.sessions import SessionPlan, create_session


def book_one_to_one(plan: SessionPlan, enrolment_id: int, *, actor: Actor, now: datetime) -> BookingResult:
    """Make a session for one person and book them on it, or neither.

    Raises RefusedError with the code of product.md §4.
    """
    with transaction():
        session = create_session(plan, actor=actor, now=now)
        return book(session.id, enrolment_id, actor=actor, now=now)
