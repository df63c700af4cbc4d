"""The manager's page of what is late."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.web.access import requires
from programme_tracker.web.overdue.views import everything_overdue

bp = Blueprint("overdue", __name__, url_prefix="/overdue")


@bp.get("/")
@requires("overdue.see")
def show() -> ResponseReturnValue:
    """Show everything that is late."""
    return render_template("overdue/show.html", overdue=everything_overdue(clock.now()))
