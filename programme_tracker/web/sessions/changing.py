"""Moving and cancelling a session: asked once, with who hears of it and when."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import from_local, to_local
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import later_in_group, places_taken
from programme_tracker.scheduling.services import MoveReason
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import counted, moment_words
from programme_tracker.web.registers.sheet import session_or_404
from programme_tracker.web.sessions.consequences import participants_hear, tell_whom
from programme_tracker.web.sessions.forms import BESIDE, CancelForm, MoveForm
from programme_tracker.web.sessions.wording import session_heading
from programme_tracker.workflows import sessions

bp = Blueprint("session_changes", __name__, url_prefix="/sessions/<int:session_id>")

CHANGED = "Somebody changed this session meanwhile. Look at it below, and decide again."


@bp.get("/move")
@requires("session.change")
def move(session_id: int) -> ResponseReturnValue:
    """Ask for the new day and time."""
    session = session_or_404(session_id)
    local = to_local(session.starts_at)
    form = MoveForm(
        about=str(session.id), seen_version=str(session.version), on=local.date(), starts=local.time()
    )
    return _move_page(session, form)


@bp.post("/move")
@requires("session.change")
def moved(session_id: int) -> ResponseReturnValue:
    """Ask once more, naming who hears of it; then move the session."""
    session, form, now = session_or_404(session_id), MoveForm(), clock.now()
    if not form.validate_on_submit():
        return _move_page(session, form)
    starts_at = from_local(form.wall)
    if form.seen_version.data != str(session.version):
        return _seen_before(session, done=session.starts_at == starts_at)
    try:
        sessions.refuse_move(session, starts_at, now)
        if "confirmed" not in request.form:
            return _confirm_move(session, form, starts_at, now)
        return _move(session, form)
    except RefusedError as refused:
        form.refuse(refused.message, BESIDE.get(refused.field or "", None))
        return _move_page(session, form)


def _move(session: Session, form: MoveForm) -> ResponseReturnValue:
    now, session_id, was_at = clock.now(), session.id, session.starts_at
    booked = places_taken(session_id)
    later_too = bool(form.later_too.data)
    reason = MoveReason(why=form.why.data) if form.why.data else None
    done = sessions.move_session(
        session_id, form.wall, later_too=later_too, reason=reason, actor=current_actor(), now=now
    )
    said = f"Session moved to {moment_words(done[0].starts_at, now)}."
    if len(done) > 1:
        said += f" {counted(len(done) - 1, 'later session')} moved too.".capitalize()
    say(said, _who_hears(booked, min(at for at in (was_at, done[0].starts_at) if at > now), now))
    return redirect(url_for("sessions.show", session_id=session_id), code=303)


@bp.get("/cancel")
@requires("session.change")
def cancel(session_id: int) -> ResponseReturnValue:
    """Ask why, naming who hears of it."""
    session = session_or_404(session_id)
    if session.cancelled_at is not None:
        return _seen_before(session, done=True)
    return _cancel_page(session, CancelForm(about=str(session.id), seen_version=str(session.version)))


@bp.post("/cancel")
@requires("session.change")
def cancelled(session_id: int) -> ResponseReturnValue:
    """Cancel the session: victim safety first, participants a quarter of an hour later."""
    session, form, now = session_or_404(session_id), CancelForm(), clock.now()
    if not form.validate_on_submit():
        return _cancel_page(session, form)
    if form.seen_version.data != str(session.version):
        return _seen_before(session, done=session.cancelled_at is not None)
    booked = places_taken(session_id)
    try:
        done = sessions.cancel_session(session_id, form.reason.data, actor=current_actor(), now=now)
    except RefusedError as refused:
        form.refuse(refused.message)
        return _cancel_page(session, form)
    say("Session cancelled.", _who_hears(booked, done.starts_at, now))
    return redirect(url_for("sessions.show", session_id=session_id), code=303)


def _seen_before(session: Session, *, done: bool) -> ResponseReturnValue:
    """Lead to the session as it is now: the same form came twice, or somebody else was first."""
    if not done:
        say(CHANGED, tone="warning")
    return redirect(url_for("sessions.show", session_id=session.id), code=303)


def _who_hears(booked: int, starts_at: datetime, now: datetime) -> str:
    if not booked:
        return "Nobody was booked, so nobody had to be told."
    return f"Victim safety was told. Participants get a text {participants_hear(starts_at, now)}."


def _move_page(session: Session, form: MoveForm) -> ResponseReturnValue:
    page = render_template(
        "sessions/move.html",
        session=session,
        heading=session_heading(session, clock.now()),
        form=form,
        later=len(later_in_group(session)),
    )
    return page, 422 if form.errors else 200


def _confirm_move(
    session: Session, form: MoveForm, starts_at: datetime, now: datetime
) -> ResponseReturnValue:
    booked = places_taken(session.id)
    return render_template(
        "sessions/confirm_move.html",
        session=session,
        heading=session_heading(session, now),
        starts_at=starts_at,
        booked=booked,
        values=form.values(),
        later=len(later_in_group(session)) if form.later_too.data else 0,
        tell=tell_whom(session, booked, now, starts_at),
    )


def _cancel_page(session: Session, form: CancelForm) -> ResponseReturnValue:
    now, booked = clock.now(), places_taken(session.id)
    page = render_template(
        "sessions/cancel.html",
        session=session,
        heading=session_heading(session, now),
        form=form,
        booked=booked,
        tell=tell_whom(session, booked, now),
    )
    return page, 422 if form.errors else 200
