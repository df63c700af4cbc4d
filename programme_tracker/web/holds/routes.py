"""The manager's page on which all sending is held or let go on."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.accounts.queries import staff_by_id
from programme_tracker.jobs.health import standing
from programme_tracker.kernel import clock
from programme_tracker.messaging.holds import BY_PERSON, open_holds
from programme_tracker.messaging.services import hold_sending, release_sending
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.holds.forms import HoldForm, ReleaseForm
from programme_tracker.web.identity import current_actor

bp = Blueprint("holds", __name__, url_prefix="/sending/hold")


@bp.get("/")
@requires("sending.hold")
def show() -> ResponseReturnValue:
    """Show whether sending is held, and by whom and why."""
    return _page(ReleaseForm() if open_holds() else HoldForm())


@bp.post("/place")
@requires("sending.hold")
def place() -> ResponseReturnValue:
    """Hold all sending."""
    form = HoldForm()
    if form.validate_on_submit():
        hold_sending(BY_PERSON, form.reason.data or "", actor=current_actor(), now=clock.now())
        say("Sending is held.", "No text or mail goes out until somebody lets it go on here.", tone="warning")
        return redirect(url_for("holds.show"), code=303)
    return _page(form)


@bp.post("/release")
@requires("sending.hold")
def release() -> ResponseReturnValue:
    """Let sending go on."""
    form = ReleaseForm()
    if form.validate_on_submit():
        release_sending(form.reason.data or "", actor=current_actor(), now=clock.now())
        say("Sending goes on.", "What is due and still of use goes out within a minute.")
        return redirect(url_for("holds.show"), code=303)
    return _page(form)


def _page(form: HoldForm | ReleaseForm) -> ResponseReturnValue:
    now = clock.now()
    holds = open_holds()
    people = {row.id: staff_by_id(row.placed_by) if row.placed_by else None for row in holds}
    page = render_template(
        "holds/show.html",
        form=form,
        holds=holds,
        people=people,
        waiting_since=standing(now).message_due_at,
    )
    return page, 422 if form.errors else 200
