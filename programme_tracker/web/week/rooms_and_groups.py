"""A week of rooms, and a week of groups: who meets where and when."""

from collections.abc import Sequence

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.scheduling.models import Group, Venue
from programme_tracker.web.access import requires
from programme_tracker.web.identity import current_actor
from programme_tracker.web.reading import whole_number
from programme_tracker.web.week.routes import day_asked_for
from programme_tracker.web.week.views import week_of_groups, week_of_rooms
from programme_tracker.workflows.visibility import may_see_group

bp = Blueprint("calendars", __name__, url_prefix="/week")

#: Rooms or groups to choose from.
MOST = 200


@bp.get("/rooms")
@requires("booking.make")
def rooms() -> ResponseReturnValue:
    """Show what happens in one room this week, or in all of them."""
    found = db.session.execute(select(Venue.id, Venue.name).order_by(Venue.name).limit(MOST))
    choices = [(key, name) for key, name in found]
    chosen, now = _chosen(choices, "room"), clock.now()
    week = week_of_rooms(day_asked_for() or local_date(now), chosen, current_actor(), now)
    return render_template("week/rooms.html", week=week, choices=choices, chosen=chosen)


@bp.get("/groups")
@requires("session.see")
def groups() -> ResponseReturnValue:
    """Show which groups meet this week: one, or all that this person may see."""
    actor, now = current_actor(), clock.now()
    found = select(Group.id, Group.name).where(may_see_group(actor), Group.closed_at.is_(None))
    rows = db.session.execute(found.order_by(Group.name, Group.id).limit(MOST))
    choices = [(key, name) for key, name in rows]
    chosen = _chosen(choices, "group")
    week = week_of_groups(day_asked_for() or local_date(now), chosen, actor, now)
    return render_template("week/groups.html", week=week, choices=choices, chosen=chosen)


def _chosen(choices: Sequence[tuple[int, str]], asked: str) -> int | None:
    """Return which one the address names, None for all; one that may not be chosen is absent."""
    key = request.args.get(asked, None, whole_number)
    if key is not None and key not in dict(choices):
        abort(404)
    return key
