"""One's own calendar address: made, shown once, made anew, revoked."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.accounts.feeds import live_feed, make_feed, revoke_feed
from programme_tracker.kernel.application import current_settings
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import require_person, sign_in_now
from programme_tracker.web.presentation import ago_words

bp = Blueprint("own_calendar", __name__, url_prefix="/account/calendar")


@bp.get("/")
@requires("account.own")
def show() -> ResponseReturnValue:
    """Show whether there is an address, when it was read last, and what can be done."""
    return _page(None)


@bp.post("/make")
@requires("account.own")
def make() -> ResponseReturnValue:
    """Make an address and show it, once; an older one stops working."""
    person = require_person()
    secret = make_feed(person.staff_id, actor=person.actor, now=sign_in_now())
    path = url_for("feeds.calendar", secret=secret)
    return _page(f"{current_settings().public_url}{path}")


@bp.post("/revoke")
@requires("account.own")
def revoke() -> ResponseReturnValue:
    """Stop the address from working."""
    person = require_person()
    if revoke_feed(person.staff_id, actor=person.actor, now=sign_in_now()):
        say("Calendar address revoked.", "Calendars that read it get nothing from now on.")
    return redirect(url_for("own_calendar.show"), code=303)


def _page(address: str | None) -> str:
    now = sign_in_now()
    feed = live_feed(require_person().staff_id)
    last_read = feed.last_read_at if feed else None
    return render_template(
        "accounts/own_calendar.html",
        feed=feed,
        address=address,
        made=ago_words(feed.made_at, now) if feed else None,
        last_read=ago_words(last_read, now) if last_read else "never",
    )
