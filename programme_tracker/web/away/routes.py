"""Who is away: a manager sees it, and notes it for somebody who cannot."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.accounts.models import StaffLeave
from programme_tracker.accounts.queries import all_leave, all_staff, staff_by_id
from programme_tracker.accounts.services import cancel_leave
from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.web.access import requires
from programme_tracker.web.away.forms import AwayForm
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.workflows import being_away

bp = Blueprint("away", __name__, url_prefix="/away")


@bp.get("/")
@requires("leave.record")
def index() -> ResponseReturnValue:
    """Show who is away now or soon, and who stands in."""
    return _page(_form())


@bp.post("/")
@requires("leave.record")
def record() -> ResponseReturnValue:
    """Note days away for somebody, and who stands in."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form)
    try:
        leave = being_away.record_leave(
            form.staff_id, *form.days, deputy_id=form.deputy.data, actor=current_actor(), now=clock.now()
        )
    except RefusedError as refused:
        form.refuse(refused.message, refused.field)
        return _page(form)
    say("Days away saved.", _follows(leave))
    return redirect(url_for("away.index"), code=303)


@bp.post("/<int:leave_id>/cancel")
@requires("leave.record")
def cancel(leave_id: int) -> ResponseReturnValue:
    """Take back somebody's days away."""
    leave = db.session.get(StaffLeave, leave_id) or abort(404)
    cancel_leave(leave_id, staff_id=leave.staff_id, actor=current_actor(), now=clock.now())
    say("Days away cancelled.", "What is meant for them comes to them again.")
    return redirect(url_for("away.index"), code=303)


def _follows(leave: StaffLeave) -> str:
    person = staff_by_id(leave.staff_id)
    deputy = staff_by_id(person.deputy_id) if person and person.deputy_id else None
    whom = deputy.name if deputy else "the whole team"
    return f"What is meant for them goes to {whom}. Sessions they would run need cover."


def _form() -> AwayForm:
    return AwayForm().offering([one for one in all_staff() if one.is_active])


def _page(form: AwayForm) -> ResponseReturnValue:
    people = {one.id: one for one in all_staff()}
    today = local_date(clock.now())
    page = render_template(
        "away/index.html", form=form, leave=all_leave(since=today), people=people, today=today
    )
    return page, 422 if form.errors else 200
