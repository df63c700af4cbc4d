"""Which sessions could make up for a missed one, each weighed for the person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from programme_tracker.kernel.database import db
from programme_tracker.programmes.queries import policy_at
from programme_tracker.programmes.rules import Form
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session, SessionKind
from programme_tracker.scheduling.queries import booked_counts, live_bookings
from programme_tracker.web.catch_ups.views import label_of
from programme_tracker.workflows.booking import refusal_for

MOST = 20


@dataclass(frozen=True)
class Offer:
    """A session to come that would close an absence, or the reason why it cannot."""

    session_id: int
    version: int
    label: str
    starts_at: datetime
    venue: str | None
    places_left: int
    is_held: bool
    refusal: str | None


def topic_of(session: Session) -> str:
    """Return the topic a session covers; empty when it has none."""
    return session.topic or str(session.number or "")


def catch_up_kind(enrolment: Enrolment, now: datetime) -> SessionKind:
    """Return what a catch-up of somebody's programme is: a one-to-one, or a session of its own."""
    rules = policy_at(now).programmes[enrolment.programme_code]
    return SessionKind.ONE_TO_ONE if rules.form is Form.ONE_TO_ONE else SessionKind.CATCH_UP


def offers_for(missed: Session, enrolment: Enrolment, now: datetime) -> list[Offer]:
    """Return the sessions to come that could make up for a missed one, soonest first.

    Catch-ups of the programme and other groups' sessions on the same topic; for one-to-ones those
    already booked.
    """
    found = db.session.scalars(
        select(Session)
        .where(
            Session.programme_code == missed.programme_code,
            Session.id != missed.id,
            Session.starts_at > now,
            Session.cancelled_at.is_(None),
            Session.submitted_at.is_(None),
            _could_make_up(missed, enrolment),
        )
        .order_by(Session.starts_at, Session.id)
        .limit(MOST)
        .options(joinedload(Session.group), joinedload(Session.venue))
    ).all()
    taken = booked_counts([session.id for session in found])
    held = {booking.session_id for booking in live_bookings(enrolment.id)}
    titles = {code: rules.title for code, rules in policy_at(now).programmes.items()}
    return [
        _offer(one, titles, one.capacity - taken.get(one.id, 0), one.id in held, enrolment, now)
        for one in found
    ]


def _could_make_up(missed: Session, enrolment: Enrolment) -> ColumnElement[bool]:
    topic = topic_of(missed)
    elsewhere = and_(Session.kind == SessionKind.GROUP.value, Session.topic == topic)
    if enrolment.group_id is not None:
        elsewhere = and_(elsewhere, Session.group_id != enrolment.group_id)
    same_topic = or_(Session.topic == topic, Session.topic.is_(None))
    own = [booking.session_id for booking in live_bookings(enrolment.id)]
    return or_(
        elsewhere,
        and_(Session.kind == SessionKind.CATCH_UP.value, same_topic),
        and_(Session.kind == SessionKind.ONE_TO_ONE.value, Session.id.in_(own)),
    )


def _offer(
    session: Session,
    titles: dict[str, str],
    places_left: int,
    is_held: bool,
    enrolment: Enrolment,
    now: datetime,
) -> Offer:
    refused = None if is_held else refusal_for(session, enrolment, now)
    return Offer(
        session_id=session.id,
        version=session.version,
        label=label_of(session, titles),
        starts_at=session.starts_at,
        venue=session.venue.name if session.venue else None,
        places_left=max(places_left, 0),
        is_held=is_held,
        refusal=refused.message if refused else None,
    )
