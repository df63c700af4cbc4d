"""The board of open cautions."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.working_time import local_date
from programme_tracker.web.access import requires
from programme_tracker.web.cautions.picture import NARROW, WIDE, draw_board
from programme_tracker.web.cautions.standing import board_of
from programme_tracker.web.identity import current_actor
from programme_tracker.web.reading import whole_number

bp = Blueprint("cautions", __name__, url_prefix="/cautions")


@bp.get("/")
@requires("people.see")
def board() -> ResponseReturnValue:
    """Show every open caution on one time axis, the one with least time left first."""
    actor, now = current_actor(), clock.now()
    mine = request.args.get("whose") == "mine"
    page = request.args.get("page", 1, whole_number)
    found = board_of(actor, now, mine=mine, page=page)
    pictures = [draw_board(found.cautions, local_date(now), size) for size in (WIDE, NARROW)]
    return render_template("cautions/board.html", found=found, mine=mine, pictures=pictures)
