"""A week, a no-show in one tap, and who is away."""

from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import staff_by_id
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.scheduling.models import Session
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor, require_person
from programme_tracker.web.reading import whole_number
from programme_tracker.web.registers.followed import what_followed
from programme_tracker.web.registers.receipt import standing_marks
from programme_tracker.web.week.away import FORTNIGHT, away_from
from programme_tracker.web.week.one_person import only_person
from programme_tracker.web.week.views import week_of
from programme_tracker.workflows.registers import submit_register

bp = Blueprint("week", __name__, url_prefix="/week")


@bp.get("/")
@requires("session.see")
def show() -> ResponseReturnValue:
    """Show Monday to Sunday: one's own appointments, or for the team a colleague's."""
    actor, now = current_actor(), clock.now()
    day = day_asked_for() or local_date(now)
    owner = _owner()
    return render_template(
        "week/show.html",
        week=week_of(day, owner.id, actor, now),
        owner=owner,
        is_own=owner.id == actor.staff_id,
        this_week=local_date(now),
    )


def day_asked_for() -> date | None:
    """Return the London date that the address names, None when it names none."""
    try:
        day = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None
    # Weeks at the ends of the calendar have no week before or after them.
    return day if 2000 <= day.year <= 2100 else None


def _owner() -> Staff:
    """Return whose week is asked for; only the team may look at a colleague's."""
    person = require_person()
    asked = request.args.get("of", person.staff_id, whole_number)
    may_look = asked == person.staff_id or person.actor.has(Role.CASEWORKER, Role.MANAGER)
    found = staff_by_id(asked) if may_look else None
    if found is None:
        abort(404)
    return found


@bp.post("/sessions/<int:session_id>/no-show")
@requires("register.submit")
def no_show(session_id: int) -> ResponseReturnValue:
    """Record that the one person booked did not come; pressed twice it is one register."""
    session, enrolment = only_person(session_id)
    name, token = enrolment.participant.name, request.form.get("token", "")
    if not token:
        abort(404)
    marks = {enrolment.id: MarkDetails(Outcome.ABSENT)}
    try:
        submit_register(session.id, marks, token=token, actor=current_actor(), now=clock.now())
    except RefusedError as refused:
        say(refused.message, tone="warning")
    else:
        say(f"No-show recorded: {name}.", what_follows(session))
    return _back_to_week(session)


def what_follows(session: Session) -> str:
    """Say what followed from a register of one; of a miss also that nothing did."""
    marks = standing_marks(session.id)
    found = what_followed(session, marks, clock.now())
    said = " ".join(sentence for one in found for sentence in one.sentences)
    missed = any(OUTCOMES[Outcome(mark.outcome)].missed for mark in marks)
    return said or ("It raised no new flag, so nobody was told." if missed else "")


def _back_to_week(session: Session) -> ResponseReturnValue:
    return redirect(url_for("week.show", on=local_date(session.starts_at).isoformat()), code=303)


@bp.get("/away")
@requires("overdue.see")
def away() -> ResponseReturnValue:
    """Show who is away this fortnight, and whose work falls to whom."""
    today = local_date(clock.now())
    return render_template("week/away.html", people=away_from(today), today=today, days=FORTNIGHT)
