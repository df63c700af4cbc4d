"""A private calendar, read by calendar programs at an address that only its owner was told."""

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from programme_tracker.accounts.feeds import ReadTooOftenError, reader_of
from programme_tracker.kernel import clock
from programme_tracker.web.access import public
from programme_tracker.web.feeds.calendar import calendar_of
from programme_tracker.web.identity import sign_in_now

bp = Blueprint("feeds", __name__, url_prefix="/calendars")

#: Seconds after which a program that asked too often may ask again.
RETRY_AFTER = 3600


@bp.get("/<secret>.ics")
@public
def calendar(secret: str) -> ResponseReturnValue:
    """Send the calendar that a secret opens; one unknown, revoked or of a disabled account is absent."""
    try:
        staff = reader_of(secret, now=sign_in_now())
    except ReadTooOftenError:
        return Response("Asked too often.\n", 429, {"Retry-After": str(RETRY_AFTER)}, mimetype="text/plain")
    if staff is None:
        abort(404)
    answer = current_app.make_response(calendar_of(staff, clock.now()))
    answer.mimetype = "text/calendar"
    answer.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    answer.add_etag()
    return answer.make_conditional(request)
