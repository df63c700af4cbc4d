"""People who are signed off and wait for a place: the next thing their lead does."""

from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, PoliceDecision
from programme_tracker.scheduling.models import Group, WaitingPlace
from programme_tracker.web.presentation import day_words
from programme_tracker.web.today.lines import Line, Section, address, section
from programme_tracker.workflows.visibility import may_see_enrolment

MOST = 20

_OPEN_GATES = (Gate.GRANTED.value, Gate.NOT_APPLICABLE.value)


def to_book(actor: Actor, now: datetime) -> Section:
    """List one's own participants, and those of nobody, who are signed off and have no place yet.

    Whoever is on a group's waiting list has nothing to be done for them: a task comes with the place.
    """
    found = _placeless(actor).where(Enrolment.id.not_in(_in_line()))
    return section("To book", [_line(enrolment, now) for enrolment in db.session.scalars(found)])


def waiting_for_places(actor: Actor, now: datetime) -> Section:
    """List those of them who are on a waiting list, with the group they wait for."""
    rows = db.session.execute(
        select(WaitingPlace.enrolment_id, Group.name, WaitingPlace.since_at)
        .join(Group, Group.id == WaitingPlace.group_id)
        .where(WaitingPlace.ended_at.is_(None))
        .order_by(WaitingPlace.since_at)
    )
    groups: dict[int, list[str]] = {}
    for enrolment_id, name, since_at in rows:
        groups.setdefault(enrolment_id, []).append(f"{name} since {day_words(since_at, local_date(now))}")
    waiting = db.session.scalars(_placeless(actor).where(Enrolment.id.in_(_in_line())))
    lines = [
        Line(
            title=f"{one.participant.name}: waits for a place",
            why=f"{' and '.join(groups[one.id])}. You get a task when one is free.",
            url=address("group_places.choose", enrolment_id=one.id),
            action="See groups",
        )
        for one in waiting
    ]
    return Section("On waiting lists", lines, needs_me=False)


def _in_line() -> Select[int]:
    return select(WaitingPlace.enrolment_id).where(WaitingPlace.ended_at.is_(None))


def _placeless(actor: Actor) -> Select[Enrolment]:
    """Select one's own participants, and those of nobody, who are signed off and have no place yet."""
    decided = (Enrolment.status == EnrolmentStatus.BREACH_DECIDED) & (
        Enrolment.police_decision != PoliceDecision.CHARGED
    )
    return (
        select(Enrolment)
        .where(
            or_(Enrolment.lead_id == actor.staff_id, Enrolment.lead_id.is_(None)),
            or_(Enrolment.status == EnrolmentStatus.WAITLISTED, decided),
            Enrolment.gate.in_(_OPEN_GATES),
            may_see_enrolment(actor),
        )
        .order_by(Enrolment.created_at)
        .limit(MOST)
        .options(
            joinedload(Enrolment.participant),
            joinedload(Enrolment.programme),
            joinedload(Enrolment.referral),
        )
    )


def refused_sign_offs(actor: Actor, _now: datetime) -> Section:
    """List one's own participants whom victim safety did not sign off: they wait for nothing any more."""
    found = (
        select(Enrolment)
        .where(
            or_(Enrolment.lead_id == actor.staff_id, Enrolment.lead_id.is_(None)),
            Enrolment.gate == Gate.REFUSED.value,
            Enrolment.ended_at.is_(None),
            may_see_enrolment(actor),
        )
        .order_by(Enrolment.created_at)
        .limit(MOST)
        .options(joinedload(Enrolment.participant), joinedload(Enrolment.programme))
    )
    lines = [
        Line(
            title=f"{enrolment.participant.name}: sign-off for {enrolment.programme.name} refused",
            why="Nothing may go to them. Agree with victim safety what follows, or end the enrolment.",
            url=address("people.enrolment", enrolment_id=enrolment.id),
            action="See participant",
        )
        for enrolment in db.session.scalars(found)
    ]
    return Section("Sign-offs refused", lines)


def _line(enrolment: Enrolment, now: datetime) -> Line:
    days = policy_at(now).general.first_contact_lead_days
    return Line(
        title=f"{enrolment.participant.name}: book {enrolment.programme.name}",
        why="Victim safety has signed this off. Nothing is booked yet.",
        deadline=local_date(enrolment.referral.received_at) + timedelta(days=days),
        url=address("bookings.choose", enrolment_id=enrolment.id),
        action="Book",
    )
