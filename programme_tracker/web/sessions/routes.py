"""Sessions: the list, one session, and making one."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from programme_tracker.accounts.queries import staff_with_role
from programme_tracker.attendance.queries import submission_of
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.programmes.queries import active_programmes, programme_policy
from programme_tracker.scheduling.models import Session, Venue
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.presentation import counted
from programme_tracker.web.reading import whole_number
from programme_tracker.web.registers.sheet import session_or_404
from programme_tracker.web.sessions.forms import BESIDE, SessionForm
from programme_tracker.web.sessions.views import PAGE, people_booked, register_state, sessions_listed, twin_of
from programme_tracker.web.sessions.wording import session_heading, session_moment
from programme_tracker.workflows import sessions
from programme_tracker.workflows.sessions import SessionPlan
from programme_tracker.workflows.visibility import group_for

bp = Blueprint("sessions", __name__, url_prefix="/sessions")


@bp.get("/")
@requires("session.see")
def listed() -> ResponseReturnValue:
    """List sessions to come or past, by programme."""
    programme, past = request.args.get("programme"), request.args.get("when") == "past"
    page = min(max(request.args.get("page", 0, whole_number), 0), 1000)
    found = sessions_listed(current_actor(), clock.now(), programme=programme, past=past, page=page)
    return render_template(
        "sessions/list.html",
        found=found,
        programmes=active_programmes(),
        chosen=programme,
        past=past,
        page=page,
        size=PAGE,
    )


@bp.get("/<int:session_id>")
@requires("session.see")
def show(session_id: int) -> ResponseReturnValue:
    """Show one session: who runs it, who is booked, and what can be done."""
    session, now = session_or_404(session_id), clock.now()
    people = people_booked(session, current_actor())
    return render_template(
        "sessions/show.html",
        session=session,
        heading=session_heading(session, now),
        people=people,
        state=register_state(session, len(people), now),
        submission=submission_of(session.id),
        is_begun=session.starts_at <= now,
        group=group_for(current_actor(), session.group_id or 0),
    )


@bp.get("/new")
@requires("session.make")
def new() -> ResponseReturnValue:
    """Ask what session is to be made."""
    return _new_page(_form())


@bp.post("/new")
@requires("session.make")
def make() -> ResponseReturnValue:
    """Make a session, or say beside each field why not."""
    form, now = _form(), clock.now()
    if not (form.validate_on_submit() and form.fits(programme_policy(form.programme.data, now))):
        return _new_page(form)
    plan = form.plan()
    try:
        session = sessions.create_session(plan, actor=current_actor(), now=now)
    except RefusedError as refused:
        twin = twin_of(plan, now)
        if twin is None:
            form.refuse(refused.message, _beside(refused))
            return _new_page(form)
        session = twin
    _say_made(session, plan, now)
    return redirect(url_for("sessions.show", session_id=session.id), code=303)


def _beside(refused: RefusedError) -> str | None:
    if refused.code is Code.CLASH_STAFF:
        return "staff"
    return BESIDE.get(refused.field or "", refused.field)


def _say_made(session: Session, plan: SessionPlan, now: datetime) -> None:
    wanted = programme_policy(plan.programme_code, now).facilitators
    short = wanted - len(plan.staff_ids)
    follows = "Book participants from their case."
    if short > 0:
        follows = f"{counted(short, 'more person', 'more people').capitalize()} should run it."
    say(f"Session made: {session_moment(session, now)}.", follows)


def _form() -> SessionForm:
    form = SessionForm()
    staff = {one.id: one for role in (Role.FACILITATOR, Role.CASEWORKER) for one in staff_with_role(role)}
    people = sorted(staff.values(), key=lambda one: one.name)
    form.offer([(one.code, one.name) for one in active_programmes()], [(one.id, one.name) for one in people])
    return form


def _new_page(form: SessionForm) -> ResponseReturnValue:
    venues = db.session.scalars(select(Venue.name).order_by(Venue.name)).all()
    return render_template("sessions/new.html", form=form, venues=venues), 422 if form.errors else 200
