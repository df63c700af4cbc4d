"""The first page after signing in."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.web.access import requires
from programme_tracker.web.identity import current_actor
from programme_tracker.web.today.views import today_of

bp = Blueprint("today", __name__)


@bp.get("/today")
@requires("today.see")
def show() -> ResponseReturnValue:
    """Show what needs the person signed in now."""
    return render_template("today/show.html", today=today_of(current_actor(), clock.now()))
