"""Catch-ups: a person booked on the session that makes up for a missed one, and the two tied together."""

from datetime import datetime

from programme_tracker.attendance.models import CatchUp
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.transaction import transaction
from programme_tracker.scheduling.queries import live_booking
from programme_tracker.workflows.booking import book
from programme_tracker.workflows.journeys import name_catch_up
from programme_tracker.workflows.sessions import SessionPlan, create_session


def book_catch_up(
    enrolment_id: int, missed_session_id: int, session_id: int, *, actor: Actor, now: datetime
) -> CatchUp:
    """Book a person on a session to come, unless they are, and name it as what closes an absence.

    Raises RefusedError with the code of product.md §4.
    """
    with transaction():
        if live_booking(session_id, enrolment_id) is None:
            book(session_id, enrolment_id, actor=actor, now=now)
        return name_catch_up(enrolment_id, missed_session_id, session_id, actor=actor, now=now)


def make_catch_up(
    plan: SessionPlan, enrolment_id: int, missed_session_id: int, *, actor: Actor, now: datetime
) -> CatchUp:
    """Make a session that closes an absence, book the person on it and name it; all or nothing."""
    with transaction():
        session = create_session(plan, actor=actor, now=now)
        return book_catch_up(enrolment_id, missed_session_id, session.id, actor=actor, now=now)
