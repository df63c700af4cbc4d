"""What has to be done: registers, tasks, referrals, and what is next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.people.models import Participant
from programme_tracker.programmes.queries import policy_at
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.referrals.rules import EnrolmentStatus, ReferralStatus
from programme_tracker.scheduling.models import Booking, Session, SessionKind, SessionStaff
from programme_tracker.scheduling.rules import register_due_at
from programme_tracker.tasks.models import Task, TaskKind
from programme_tracker.web.presentation import day_words, moment_words
from programme_tracker.web.sessions.wording import session_label
from programme_tracker.web.tasks.wording import action_of, title_of
from programme_tracker.web.today.lines import Harm, Line, Maker, Section, address, section
from programme_tracker.workflows.visibility import may_see_enrolment, may_see_referral, open_tasks_for

CALENDAR = WorkingCalendar()

#: How far ahead "next" looks.
AHEAD = timedelta(days=7)
#: How long an answer to a referral counts as news.
ANSWERED = timedelta(days=14)
MOST = 50
MOST_COMING = 200

#: Kinds of sessions with one person.
_ALONE = (SessionKind.ONE_TO_ONE.value, SessionKind.ASSESSMENT.value)

#: Kinds of task that are done on a page of their own, by enrolment.
_DONE_ON: Mapping[str, str] = {
    TaskKind.SIGN_OFF: "gate.show",
    TaskKind.PARTNER_CONTACT: "partners.of_enrolment",
    TaskKind.PARTNER_ASSESSMENT: "partners.of_enrolment",
}

_WAITING = (ReferralStatus.RECEIVED.value, ReferralStatus.INFORMATION_REQUESTED.value)


def registers(actor: Actor, now: datetime) -> Section:
    """List the registers of one's own sessions that have begun and are not submitted."""
    found = _own_sessions(actor).where(
        Session.starts_at <= now,
        Session.submitted_at.is_(None),
        Session.bookings.any(Booking.ended_at.is_(None)),
    )
    sessions = db.session.scalars(found).all()
    alone = _alone_on([one.id for one in sessions if one.kind in _ALONE])
    return section("Registers to submit", [_register_line(one, alone.get(one.id), now) for one in sessions])


def _alone_on(session_ids: Collection[int]) -> Mapping[int, str]:
    """Return the name of whoever a one-to-one is with, by session."""
    found = (
        select(Booking.session_id, Participant.name)
        .join(Booking.enrolment)
        .join(Enrolment.participant)
        .where(Booking.session_id.in_(session_ids), Booking.ended_at.is_(None))
    )
    return {session_id: name for session_id, name in db.session.execute(found)}


def _register_line(session: Session, name: str | None, now: datetime) -> Line:
    record = address("appointment_records.show", session_id=session.id) if name else None
    ends_at = session.starts_at + timedelta(minutes=session.minutes)
    why = "Nobody knows yet who came." if ends_at < now else "It has begun. Mark people as they arrive."
    return Line(
        title=f"{name}: {session_label(session, now)}" if name else session_label(session, now),
        why=f"{moment_words(session.starts_at, now)}. {why}",
        deadline=register_due_at(ends_at, CALENDAR),
        url=record or address("registers.show", session_id=session.id),
        action="Record" if record else "Open register",
    )


def next_sessions(actor: Actor, now: datetime) -> Section:
    """List one's own sessions of the coming week."""
    found = _own_sessions(actor).where(Session.starts_at > now, Session.starts_at <= now + AHEAD)
    return Section(
        "Your next sessions",
        [
            Line(
                title=session_label(session, now),
                why=moment_words(session.starts_at, now),
                url=address("registers.show", session_id=session.id),
                action="See who comes",
            )
            for session in db.session.scalars(found.order_by(Session.starts_at).limit(MOST))
        ],
        needs_me=False,
    )


def next_session_of(actor: Actor, now: datetime) -> Session | None:
    """Return the next session somebody runs, however far off."""
    found = _own_sessions(actor).where(Session.starts_at > now).order_by(Session.starts_at)
    return db.session.scalars(found.limit(1)).first()


def _own_sessions(actor: Actor) -> Select[Session]:
    own = select(SessionStaff.session_id).where(SessionStaff.staff_id == actor.staff_id)
    return (
        select(Session)
        .where(Session.id.in_(own), Session.cancelled_at.is_(None))
        .options(joinedload(Session.group))
    )


def tasks(title: str, *kinds: TaskKind) -> Maker:
    """Return what makes a section of one's open tasks of these kinds."""

    def make(actor: Actor, now: datetime) -> Section:
        found = open_tasks_for(actor, kinds=kinds, today=local_date(now))
        people = _people_of([task.enrolment_id for task in found], actor)
        return section(title, [_task_line(task, people.get(task.enrolment_id or 0)) for task in found])

    return make


class _Known(NamedTuple):
    """What a reader may know of a task's participant."""

    name: str
    is_high: bool


def _people_of(enrolment_ids: Collection[int | None], actor: Actor) -> Mapping[int, _Known]:
    """Return the participants by enrolment, as far as this person may see them; a facilitator no risk."""
    knows_risk = actor.has(Role.CASEWORKER, Role.VICTIM_SAFETY, Role.ENFORCEMENT, Role.MANAGER)
    found = (
        select(Enrolment.id, Participant.name, Participant.risk)
        .join(Enrolment.participant)
        .where(Enrolment.id.in_([one for one in enrolment_ids if one is not None]), may_see_enrolment(actor))
    )
    return {
        enrolment_id: _Known(name, knows_risk and risk == "high")
        for enrolment_id, name, risk in db.session.execute(found)
    }


def _task_line(task: Task, person: _Known | None) -> Line:
    what = title_of(task.kind)
    place = _DONE_ON.get(task.kind)
    done_on = address(place, enrolment_id=task.enrolment_id) if place else None
    return Line(
        title=f"{person.name}: {what[:1].lower()}{what[1:]}" if person else what,
        why=task.why,
        deadline=task.due_on,
        url=done_on or address("tasks.show", task_id=task.id),
        action=action_of(task.kind),
        chips=("risk_high",) if person and person.is_high else (),
        harm=Harm.HIGH if person and person.is_high else Harm.USUAL,
    )


def new_referrals(actor: Actor, now: datetime) -> Section:
    """List the referrals that wait for a decision, by the day a first contact is due, or for an answer."""
    waiting = _referrals(actor, MOST)
    days = timedelta(days=policy_at(now).general.first_contact_lead_days) if waiting else timedelta()
    lines = []
    for referral in waiting:
        if referral.status in _WAITING:
            asked = referral.status == ReferralStatus.INFORMATION_REQUESTED
            line = _referral_line(referral, actor, asked=asked)
            lines.append(line if asked else replace(line, deadline=local_date(referral.received_at) + days))
    return section("Referrals to decide", lines)


def referrals_answered(actor: Actor, now: datetime) -> Section:
    """List one's own referrals that were accepted or refused lately, with what follows."""
    found = _own_referrals(actor).where(Referral.decided_at > now - ANSWERED)
    rows = db.session.scalars(found.order_by(Referral.decided_at.desc(), Referral.id.desc()).limit(MOST))
    lines = [_own_line(referral, _answer_words(referral, now)) for referral in rows]
    return Section("Answers to your referrals", lines, needs_me=False)


def _answer_words(referral: Referral, now: datetime) -> str:
    said = moment_words(referral.decided_at, now) if referral.decided_at else ""
    if referral.status == ReferralStatus.ACCEPTED:
        return f"Accepted {said}. Victim safety signs off before anybody is booked."
    reasons = " ".join(str(reason) for reason in referral.reasons)
    return f"Not accepted {said}. {reasons}".strip()


def own_referrals(actor: Actor, now: datetime) -> Section:
    """List the newest referrals this person made, those answered lately or waiting for them left out."""
    lately = and_(Referral.decided_at.is_not(None), Referral.decided_at > now - ANSWERED)
    asked = Referral.status == ReferralStatus.INFORMATION_REQUESTED.value
    found = _own_referrals(actor).where(~or_(lately, asked))
    rows = db.session.scalars(found.order_by(Referral.received_at.desc(), Referral.id.desc()).limit(6))
    lines = [_own_line(one, f"Referred {moment_words(one.received_at, now)}.") for one in rows]
    return Section("Your newest referrals", lines, needs_me=False)


def _own_referrals(actor: Actor) -> Select[Referral]:
    return (
        select(Referral)
        .where(Referral.referrer_id == actor.staff_id, may_see_referral(actor))
        .options(joinedload(Referral.participant))
    )


def _own_line(referral: Referral, why: str) -> Line:
    return Line(
        title=referral.participant.name,
        why=why,
        url=address("referrals.show", referral_id=referral.id),
        action="See referral",
        chips=(referral.status,),
    )


def referrals_to_answer(actor: Actor, _now: datetime) -> Section:
    """List one's own referrals that wait for an answer only the referrer has."""
    asked = [
        referral
        for referral in _referrals(actor, MOST)
        if referral.status == ReferralStatus.INFORMATION_REQUESTED
    ]
    return Section("Referrals that wait for you", [_referral_line(one, actor, asked=True) for one in asked])


def _referral_line(referral: Referral, actor: Actor, *, asked: bool) -> Line:
    reasons = " ".join(str(reason) for reason in referral.reasons)
    why = (
        f"An answer is missing. {reasons}".strip() if asked else "New: accept it, or refuse it with a reason."
    )
    return Line(
        title=referral.participant.name,
        why=why,
        url=address("referrals.show", referral_id=referral.id),
        action="See referral" if asked else "Decide on referral",
        chips=(referral.status,),
    )


def _referrals(actor: Actor, limit: int) -> Sequence[Referral]:
    found = (
        select(Referral)
        .where(may_see_referral(actor))
        .order_by(Referral.status.in_(_WAITING).desc(), Referral.received_at.desc())
        .options(joinedload(Referral.participant))
        .limit(limit)
    )
    return db.session.scalars(found).all()


def participants_next(actor: Actor, now: datetime) -> Section:
    """List the coming week's sessions of the participants one leads."""
    found = (
        select(Booking)
        .join(Booking.session)
        .join(Booking.enrolment)
        .where(
            Enrolment.lead_id == actor.staff_id,
            Booking.ended_at.is_(None),
            Session.cancelled_at.is_(None),
            Session.starts_at > now,
            Session.starts_at <= now + AHEAD,
        )
        .order_by(Session.starts_at, Booking.id)
        .limit(MOST_COMING)
        .options(
            joinedload(Booking.session).joinedload(Session.group),
            joinedload(Booking.enrolment).joinedload(Enrolment.participant),
        )
    )
    coming: dict[int, list[Booking]] = {}
    for booking in db.session.scalars(found):
        coming.setdefault(booking.session_id, []).append(booking)
    lines = [_coming_line(bookings, now) for bookings in coming.values()]
    return Section("Your participants’ next sessions", lines, needs_me=False)


def _coming_line(bookings: Sequence[Booking], now: datetime) -> Line:
    session = bookings[0].session
    names = ", ".join(booking.enrolment.participant.name for booking in bookings)
    confirmed = sum(booking.confirmed_at is not None for booking in bookings)
    said = f" {confirmed} of {len(bookings)} confirmed by text." if confirmed else ""
    return Line(
        title=f"{session_label(session, now)}, {moment_words(session.starts_at, now)}",
        why=f"{names}.{said}",
        url=address("sessions.show", session_id=session.id),
        action="See session",
    )


def police_decisions(actor: Actor, now: datetime) -> Section:
    """List one's own cases in which police decide next, the caution that expires first before the others."""
    found = (
        select(Enrolment)
        .where(
            Enrolment.officer_id == actor.staff_id,
            Enrolment.status == EnrolmentStatus.BREACH_REPORTED.value,
        )
        .order_by(Enrolment.caution_expires_on, Enrolment.id)
        .options(joinedload(Enrolment.participant))
    )
    return Section(
        "Your decision is awaited",
        [
            Line(
                title=enrolment.participant.name,
                why=f"A workshop was missed. Excuse, vary, rebook or charge.{_expiry(enrolment, now)}",
                url=address("enrolments.police_decision", enrolment_id=enrolment.id),
                action="Enter decision",
            )
            for enrolment in db.session.scalars(found)
        ],
    )


def _expiry(enrolment: Enrolment, now: datetime) -> str:
    """Say by when a caution's matter must be settled."""
    expires_on = enrolment.caution_expires_on
    return f" The caution expires {day_words(expires_on, local_date(now))}." if expires_on else ""
