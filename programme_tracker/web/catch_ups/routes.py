"""The ledger of absences: the list to close, one person's, naming a catch-up, waiving one."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Session, Venue
from programme_tracker.web.access import requires
from programme_tracker.web.catch_ups.forms import BESIDE, CatchUpForm, WaiveForm
from programme_tracker.web.catch_ups.offers import catch_up_kind, offers_for, topic_of
from programme_tracker.web.catch_ups.to_close import open_absences
from programme_tracker.web.catch_ups.views import Absence, absences_of
from programme_tracker.web.feedback import say
from programme_tracker.web.groups.routes import staff_who_deliver
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import moment_words
from programme_tracker.web.reading import whole_number
from programme_tracker.workflows import catching_up, journeys
from programme_tracker.workflows.sessions import SessionPlan
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("catch_ups", __name__)

_ONE = "/enrolments/<int:enrolment_id>/catch-ups/<int:session_id>"


@bp.get("/catch-ups/")
@requires("booking.make")
def index() -> ResponseReturnValue:
    """List the absences to close: mine as lead, or the team's."""
    actor = current_actor()
    whose = request.args.get("whose") or ("mine" if actor.has(Role.CASEWORKER) else "team")
    found = open_absences(actor, clock.now(), mine=whose == "mine")
    return render_template("catch_ups/index.html", found=found, mine=whose == "mine")


@bp.get("/enrolments/<int:enrolment_id>/catch-ups")
@requires("booking.make")
def ledger(enrolment_id: int) -> ResponseReturnValue:
    """Show one person's absences and how each was closed."""
    enrolment = _enrolment(enrolment_id)
    absences = absences_of([enrolment.id], clock.now())[enrolment.id]
    return render_template(
        "catch_ups/ledger.html", enrolment=enrolment, person=enrolment.participant, absences=absences
    )


@bp.get(_ONE)
@requires("booking.make")
def name(enrolment_id: int, session_id: int) -> ResponseReturnValue:
    """Show the sessions that could close an absence, and offer to make one."""
    enrolment = _enrolment(enrolment_id)
    if _absence(enrolment, session_id).part:
        return redirect(url_for("bookings.choose", enrolment_id=enrolment_id), code=303)
    return _page(enrolment, _single(enrolment, session_id), _form(session_id))


@bp.post(_ONE)
@requires("booking.make")
def named(enrolment_id: int, session_id: int) -> ResponseReturnValue:
    """Book the person on an existing session and name it; pressed twice it is named once."""
    enrolment, now = _enrolment(enrolment_id), clock.now()
    absence, chosen = _single(enrolment, session_id), request.form.get("session", 0, whole_number)
    offers = offers_for(_session(session_id), enrolment, now)
    offer = next((one for one in offers if one.session_id == chosen), None) or abort(404)
    try:
        if request.form.get("seen_version") != str(offer.version):
            raise RefusedError(
                Code.NOT_ALLOWED, "That session was changed meanwhile. Look again, then choose."
            )
        catching_up.book_catch_up(enrolment.id, session_id, chosen, actor=current_actor(), now=now)
    except RefusedError as refused:
        return _page(enrolment, absence, _form(session_id, empty=True), refused.message)
    return _closed(enrolment_id, f"{offer.label}, {moment_words(offer.starts_at, now)}")


@bp.post(_ONE + "/make")
@requires("booking.make")
def make(enrolment_id: int, session_id: int) -> ResponseReturnValue:
    """Make a session for what was missed, book the person on it and name it."""
    enrolment, form, now = _enrolment(enrolment_id), _form(session_id), clock.now()
    absence = _single(enrolment, session_id)
    if not form.validate_on_submit() or not form.is_about(session_id):
        return _page(enrolment, absence, form)
    plan = _plan(form, enrolment, _session(session_id), now)
    try:
        catching_up.make_catch_up(plan, enrolment.id, session_id, actor=current_actor(), now=now)
    except RefusedError as refused:
        if not absence.is_open:  # the form came twice, or somebody else was first
            return redirect(url_for("catch_ups.ledger", enrolment_id=enrolment_id), code=303)
        form.refuse(refused.message, _beside(refused))
        return _page(enrolment, absence, form)
    return _closed(enrolment_id, moment_words(_starts(enrolment, session_id), now))


@bp.get(_ONE + "/waive")
@requires("absence.waive")
def waive(enrolment_id: int, session_id: int) -> ResponseReturnValue:
    """Ask why no catch-up is needed."""
    enrolment = _enrolment(enrolment_id)
    return _waive_page(enrolment, _single(enrolment, session_id), WaiveForm(about=str(session_id)))


@bp.post(_ONE + "/waive")
@requires("absence.waive")
def waived(enrolment_id: int, session_id: int) -> ResponseReturnValue:
    """Close an absence without a catch-up."""
    enrolment, form = _enrolment(enrolment_id), WaiveForm()
    absence = _single(enrolment, session_id)
    if not form.validate_on_submit() or not form.is_about(session_id):
        return _waive_page(enrolment, absence, form)
    try:
        because = form.because.data or ""
        journeys.waive_absence(enrolment.id, session_id, because, actor=current_actor(), now=clock.now())
    except RefusedError as refused:
        form.refuse(refused.message, refused.field)
        return _waive_page(enrolment, absence, form)
    say("Absence waived.", "The reason and your name stay with it. The topic is owed no longer.")
    return redirect(url_for("catch_ups.ledger", enrolment_id=enrolment_id), code=303)


def _closed(enrolment_id: int, what: str) -> ResponseReturnValue:
    say(
        f"Catch-up named: {what}.",
        "One text goes and reminders follow. If it is missed, the absence opens again.",
    )
    return redirect(url_for("catch_ups.ledger", enrolment_id=enrolment_id), code=303)


def _beside(refused: RefusedError) -> str | None:
    if refused.code is Code.CLASH_STAFF:
        return "staff"
    return BESIDE.get(refused.field or "", refused.field)


def _enrolment(enrolment_id: int) -> Enrolment:
    return enrolment_for(current_actor(), enrolment_id) or abort(404)


def _session(session_id: int) -> Session:
    return db.session.get(Session, session_id) or abort(404)


def _absence(enrolment: Enrolment, session_id: int) -> Absence:
    """Return one absence of this person; for what was not missed there is no page."""
    found = absences_of([enrolment.id], clock.now())[enrolment.id]
    return next((one for one in found if one.session_id == session_id), None) or abort(404)


def _single(enrolment: Enrolment, session_id: int) -> Absence:
    """Return an absence that one session can close; a missed workshop needs the pair repeated."""
    absence = _absence(enrolment, session_id)
    return abort(404) if absence.part else absence


def _starts(enrolment: Enrolment, session_id: int) -> datetime | None:
    return _absence(enrolment, session_id).catch_up_at


def _plan(form: CatchUpForm, enrolment: Enrolment, missed: Session, now: datetime) -> SessionPlan:
    return SessionPlan(
        programme_code=enrolment.programme_code,
        starts=form.wall,
        staff_ids=sorted(form.staff.data or ()),
        kind=catch_up_kind(enrolment, now),
        topic=topic_of(missed) or None,
        venue=form.venue.data or None,
    )


def _form(session_id: int, *, empty: bool = False) -> CatchUpForm:
    form = CatchUpForm(formdata=None) if empty else CatchUpForm()
    form.staff.set_choices((one.id, one.name) for one in staff_who_deliver())
    if empty or not form.is_submitted():
        form.about.data = str(session_id)
    return form


def _page(
    enrolment: Enrolment, absence: Absence, form: CatchUpForm, problem: str | None = None
) -> ResponseReturnValue:
    missed = _session(absence.session_id)
    page = render_template(
        "catch_ups/name.html",
        enrolment=enrolment,
        person=enrolment.participant,
        absence=absence,
        topic=topic_of(missed),
        offers=[] if absence.part else offers_for(missed, enrolment, clock.now()),
        venues=db.session.scalars(select(Venue.name).order_by(Venue.name)).all(),
        form=form,
        problem=problem,
    )
    return page, 422 if form.errors or problem else 200


def _waive_page(enrolment: Enrolment, absence: Absence, form: WaiveForm) -> ResponseReturnValue:
    page = render_template(
        "catch_ups/waive.html",
        enrolment=enrolment,
        person=enrolment.participant,
        absence=absence,
        form=form,
    )
    return page, 422 if form.errors else 200
