"""Giving a person a place on a session or in a group, and taking it away."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.messaging.queries import messages_for_session
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.programmes.rules import Form
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Session, SessionKind
from programme_tracker.scheduling.queries import live_booking
from programme_tracker.web.access import requires
from programme_tracker.web.bookings.forms import OneToOneForm, TakeOffForm
from programme_tracker.web.bookings.views import (
    GroupOffer,
    barred,
    booking_for,
    caution_days,
    groups_to_join,
    held_places,
    meeting_at,
    offers,
    texts_in_words,
    unreachable,
)
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor, require_person
from programme_tracker.web.presentation import counted, moment_words
from programme_tracker.web.reading import whole_number
from programme_tracker.web.registers.sheet import session_or_404
from programme_tracker.web.sessions.wording import session_heading, session_label
from programme_tracker.workflows import booking, groups
from programme_tracker.workflows.one_to_ones import book_one_to_one
from programme_tracker.workflows.sessions import SessionPlan
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("bookings", __name__)


@bp.get("/enrolments/<int:enrolment_id>/book")
@requires("booking.make")
def choose(enrolment_id: int) -> ResponseReturnValue:
    """Show what this person can be booked on, and why not where they cannot."""
    return _choose_page(_enrolment(enrolment_id), OneToOneForm())


@bp.post("/enrolments/<int:enrolment_id>/book")
@requires("booking.make")
def book(enrolment_id: int) -> ResponseReturnValue:
    """Book one session; the same button pressed twice books once."""
    enrolment, now = _enrolment(enrolment_id), clock.now()
    session = session_or_404(request.form.get("session", 0, whole_number))
    if live_booking(session.id, enrolment.id) is not None:
        return _booked(session, enrolment, None)
    try:
        _refuse_moved(session, now)
        done = booking.book(session.id, enrolment.id, actor=current_actor(), now=now)
    except RefusedError as refused:
        if live_booking(session.id, enrolment.id) is None:
            return _choose_page(enrolment, OneToOneForm(formdata=None), problem=refused.message)
        return _booked(session, enrolment, None)
    return _booked(session, enrolment, done.warning)


@bp.post("/enrolments/<int:enrolment_id>/book/one-to-one")
@requires("booking.make")
def meet(enrolment_id: int) -> ResponseReturnValue:
    """Make a one-to-one that one runs oneself, and book this person on it."""
    enrolment, form, now = _enrolment(enrolment_id), OneToOneForm(), clock.now()
    if not form.validate_on_submit():
        return _choose_page(enrolment, form)
    staff_id = require_person().staff_id
    plan = SessionPlan(
        enrolment.programme_code, form.wall, [staff_id], kind=form.kind.data, venue=form.venue.data or None
    )
    try:
        made = book_one_to_one(plan, enrolment.id, actor=current_actor(), now=now).booking
    except RefusedError as refused:
        twin = meeting_at(enrolment, plan)
        if twin is None:
            form.refuse(refused.message, {"starts": "on"}.get(refused.field or "", refused.field))
            return _choose_page(enrolment, form)
        made = twin
    return _booked(made.session, enrolment, None)


@bp.post("/enrolments/<int:enrolment_id>/book/group")
@requires("booking.make")
def join(enrolment_id: int) -> ResponseReturnValue:
    """Join a group from its next session on, or wait for a place in it."""
    enrolment, now = _enrolment(enrolment_id), clock.now()
    group_id = request.form.get("group", 0, whole_number)
    offered = next((one for one in groups_to_join(enrolment, now) if one.group_id == group_id), None)
    if offered is None:
        abort(404)
    if not offered.is_own:
        try:
            _join(enrolment, offered, now)
        except RefusedError as refused:
            return _choose_page(enrolment, OneToOneForm(formdata=None), problem=refused.message)
    return _back(enrolment_id)


def _join(enrolment: Enrolment, offered: GroupOffer, now: datetime) -> None:
    actor = current_actor()
    if "wait" in request.form:
        groups.wait_for_place(enrolment.id, offered.group_id, actor=actor, now=now)
        say(f"Waiting for a place in {offered.name}.", "The lead gets a task when one is free.")
        return
    sessions = groups.join_group(enrolment.id, offered.group_id, actor=actor, now=now)
    texts = texts_in_words(messages_for_session(sessions[0].id, enrolment.id), now)
    first = moment_words(sessions[0].starts_at, now)
    say(f"Booked on {counted(len(sessions), 'session')} of {offered.name}, first {first}.", texts)


@bp.get("/bookings/<int:booking_id>/take-off")
@requires("booking.make")
def take_off(booking_id: int) -> ResponseReturnValue:
    """Ask why somebody is taken off a session."""
    found = booking_for(current_actor(), booking_id)
    if found is None:
        abort(404)
    return _take_off_page(found, TakeOffForm(about=str(found.id)))


@bp.post("/bookings/<int:booking_id>/take-off")
@requires("booking.make")
def taken_off(booking_id: int) -> ResponseReturnValue:
    """Take somebody off a session still to come."""
    found, form = booking_for(current_actor(), booking_id), TakeOffForm()
    if found is None:
        abort(404)
    if found.ended_at is None:
        if not form.validate_on_submit():
            return _take_off_page(found, form)
        try:
            booking.unbook(booking_id, form.why.data or "", actor=current_actor(), now=clock.now())
        except RefusedError as refused:
            form.refuse(refused.message)
            return _take_off_page(found, form)
    name = found.enrolment.participant.name
    say(f"{name} was taken off.", "Texts about it that had not gone are dropped. No text says so: ring them.")
    return redirect(url_for("sessions.show", session_id=found.session_id), code=303)


def _enrolment(enrolment_id: int) -> Enrolment:
    enrolment = enrolment_for(current_actor(), enrolment_id)
    if enrolment is None:
        abort(404)
    return enrolment


def _refuse_moved(session: Session, now: datetime) -> None:
    """Refuse a session that is not when the page said it was."""
    if request.form.get("seen_version") != str(session.version):
        when = moment_words(session.starts_at, now)
        raise RefusedError(
            Code.NOT_ALLOWED, f"That session was changed meanwhile: it is {when} now. Look again, then book."
        )


def _booked(session: Session, enrolment: Enrolment, warning: str | None) -> ResponseReturnValue:
    """Say what was booked and which texts follow."""
    now = clock.now()
    texts = texts_in_words(messages_for_session(session.id, enrolment.id), now)
    label = f"Part {session.part}" if session.part else session_label(session, now)
    say(f"{label} booked for {moment_words(session.starts_at, now)}.", unreachable(enrolment) or texts)
    if warning:
        say(warning, tone="warning")
    return _back(enrolment.id)


def _back(enrolment_id: int) -> ResponseReturnValue:
    return redirect(url_for("bookings.choose", enrolment_id=enrolment_id), code=303)


def _choose_page(enrolment: Enrolment, form: OneToOneForm, problem: str | None = None) -> ResponseReturnValue:
    now = clock.now()
    kind = programme_policy(enrolment.programme_code, now).form
    has_parts = kind is Form.TWO_WORKSHOPS
    kinds = (SessionKind.WORKSHOP,) if has_parts else (SessionKind.ONE_TO_ONE, SessionKind.ASSESSMENT)
    refused = barred(enrolment)
    page = render_template(
        "bookings/choose.html",
        enrolment=enrolment,
        person=enrolment.participant,
        barred=refused.message if refused else None,
        unreachable=unreachable(enrolment),
        caution=caution_days(enrolment, now) if has_parts else None,
        has_parts=has_parts,
        held=held_places(enrolment, now),
        offers=offers(enrolment, now, *kinds),
        groups=[] if has_parts or kind is Form.ONE_TO_ONE else groups_to_join(enrolment, now),
        takes_groups=kind not in (Form.TWO_WORKSHOPS, Form.ONE_TO_ONE),
        form=form,
        problem=problem,
    )
    return page, 422 if form.errors or problem else 200


def _take_off_page(found: Booking, form: TakeOffForm) -> ResponseReturnValue:
    heading = session_heading(found.session, clock.now())
    page = render_template("bookings/take_off.html", booking=found, heading=heading, form=form)
    return page, 422 if form.errors else 200
