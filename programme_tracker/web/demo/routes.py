"""What only a demonstration has: phones with its texts, and a clock that can be moved on."""

from datetime import datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.jobs.due import next_due_at
from programme_tracker.jobs.timeline import FURTHEST
from programme_tracker.kernel import clock as clocks
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.working_time import local_date
from programme_tracker.web.access import requires
from programme_tracker.web.demo.forms import MoveForm, ReplyForm
from programme_tracker.web.demo.mails import every_mail
from programme_tracker.web.demo.moving import BUTTONS, MORNING, goal_of, happened_since, journey, move_on
from programme_tracker.web.demo.phones import FOLLOWS, OTHERWISE, every_phone, one_phone
from programme_tracker.web.feedback import say
from programme_tracker.web.presentation import moment_words
from programme_tracker.workflows.replying import receive_reply

bp = Blueprint("demo", __name__, url_prefix="/demo")


@bp.before_request
def _only_in_demo() -> None:
    if not current_settings().demo:
        abort(404)


@bp.get("/clock")
@requires("demo.see")
def clock() -> ResponseReturnValue:
    """Show the time, what is next, and how to move on."""
    now = clocks.now()
    return _clock_page(MoveForm(day=local_date(now) + timedelta(days=1), time=MORNING), now)


@bp.post("/clock")
@requires("demo.see")
def move() -> ResponseReturnValue:
    """Move the clock on, by a button or to the day and time typed."""
    now, button = clocks.now(), request.form.get("to", "")
    if button == "on":
        return _gone_on(now)
    if button not in BUTTONS:
        return _move_to_typed(now)
    until = goal_of(button, now)
    if until is None:
        say("Nothing is planned to happen by itself.", tone="info")
        return redirect(url_for("demo.clock"), code=303)
    return _moved(until)


def _move_to_typed(now: datetime) -> ResponseReturnValue:
    form = MoveForm()
    if form.validate_on_submit():
        if now < form.moment <= now + FURTHEST:
            return _moved(form.moment)
        form.refuse(f"Enter a time to come, at most {FURTHEST.days} days ahead", "day")
    return _clock_page(form, now)


def _gone_on(now: datetime) -> ResponseReturnValue:
    """Go on with a way that took longer than one request."""
    way = journey(request.form.get("since", ""), request.form.get("until", ""), now)
    if way is None:
        return redirect(url_for("demo.clock"), code=303)
    return _moved(way.until, way.began_at)


def _moved(until: datetime, began_at: datetime | None = None) -> ResponseReturnValue:
    moved = move_on(until)
    since = (began_at or moved.from_at).isoformat()
    if not moved.is_complete:
        return redirect(url_for("demo.clock", since=since, until=until.isoformat()), code=303)
    say(f"It is now {moment_words(moved.to_at, moved.to_at)}.", "What happened meanwhile stands below.")
    return redirect(url_for("demo.clock", since=since), code=303)


def _clock_page(form: MoveForm, now: datetime) -> ResponseReturnValue:
    since = request.args.get("since", "")
    page = render_template(
        "demo/clock.html",
        form=form,
        now=now,
        next_at=next_due_at(now),
        since=since,
        way=journey(since, request.args.get("until", ""), now),
        happened=happened_since(since, now),
    )
    return page, 422 if form.errors else 200


@bp.get("/mails")
@requires("demo.see")
def mails() -> ResponseReturnValue:
    """Show the alerts that would have gone by mail, the newest first."""
    return render_template("demo/mails.html", mails=every_mail())


@bp.get("/phones")
@requires("demo.see")
def phone() -> ResponseReturnValue:
    """Show every phone that got a text, the newest first."""
    return render_template("demo/phones.html", phones=every_phone())


@bp.route("/phones/<digits>", methods=["GET", "POST"])
@requires("demo.see")
def phone_of(digits: str) -> ResponseReturnValue:
    """Show one phone and let it text back."""
    seen, form = one_phone(digits) or abort(404), ReplyForm()
    if form.validate_on_submit():
        inbound = receive_reply(seen.number, form.body.data or "", now=clocks.now())
        say("Reply received.", FOLLOWS.get(inbound.kind, OTHERWISE))
        return redirect(url_for("demo.phone_of", digits=digits), code=303)
    return render_template("demo/phone.html", phone=seen, form=form), 422 if form.errors else 200
