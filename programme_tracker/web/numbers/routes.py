"""The page of numbers that need somebody."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.web.access import requires
from programme_tracker.web.identity import current_actor
from programme_tracker.web.numbers.views import worklists

bp = Blueprint("numbers", __name__, url_prefix="/numbers")


@bp.get("/")
@requires("people.change")
def index() -> ResponseReturnValue:
    """Show whom no text reaches, why, and what to do about each."""
    return render_template("numbers/index.html", lists=worklists(current_actor(), clock.now()))
