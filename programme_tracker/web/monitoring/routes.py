"""Monitoring: the list, one of them, and what a person decides; it never closes itself."""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.escalation.models import Monitoring
from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.identity import current_actor
from programme_tracker.web.monitoring.forms import CloseForm, ExtendForm, ReviewForm
from programme_tracker.web.monitoring.views import lists_of, monitoring_for, monitoring_page
from programme_tracker.web.presentation import day_words, moment_words
from programme_tracker.workflows import monitoring as watching

bp = Blueprint("monitoring", __name__, url_prefix="/monitoring")


@bp.get("/")
@requires("monitoring.decide")
def index() -> ResponseReturnValue:
    """List what is watched, and what was closed."""
    running, closed = lists_of(current_actor(), clock.now())
    return render_template("monitoring/index.html", running=running, closed=closed)


@bp.get("/<int:monitoring_id>")
@requires("monitoring.decide")
def show(monitoring_id: int) -> ResponseReturnValue:
    """Show one monitoring, and ask what goes on."""
    return _page(_own(monitoring_id))


@bp.post("/<int:monitoring_id>/review")
@requires("monitoring.decide")
def review(monitoring_id: int) -> ResponseReturnValue:
    """Note a review."""
    row, form = _own(monitoring_id), ReviewForm()

    def deed() -> None:
        watching.record_review(row.id, form.note.data or "", actor=current_actor(), now=clock.now())

    return _done(row, form, "Review noted.", deed) or _page(_own(monitoring_id), review=form)


@bp.post("/<int:monitoring_id>/extend")
@requires("monitoring.decide")
def extend(monitoring_id: int) -> ResponseReturnValue:
    """Let monitoring go on for some months."""
    row, form = _own(monitoring_id), ExtendForm()

    def deed() -> None:
        months, note = form.months.data or 0, form.why.data or ""
        watching.extend(row.id, months=months, note=note, actor=current_actor(), now=clock.now())

    return _done(row, form, "Monitoring extended.", deed) or _page(_own(monitoring_id), extend=form)


@bp.post("/<int:monitoring_id>/close")
@requires("monitoring.decide")
def close(monitoring_id: int) -> ResponseReturnValue:
    """End monitoring with a reason."""
    row, form = _own(monitoring_id), CloseForm()

    def deed() -> None:
        watching.close(row.id, form.reason.data or "", actor=current_actor(), now=clock.now())

    return _done(row, form, "Monitoring closed.", deed) or _page(_own(monitoring_id), close=form)


def _own(monitoring_id: int) -> Monitoring:
    return monitoring_for(current_actor(), monitoring_id) or abort(404)


def _done(
    row: Monitoring, form: PageForm, happened: str, deed: Callable[[], None]
) -> ResponseReturnValue | None:
    """Do what the form asks for and go back to the page; None, with why not on the form, if refused."""
    if not form.validate_on_submit():
        return None
    if form.is_about(row.id) and form.seen_version.data != _version(row):
        say("Somebody else changed this meanwhile.", "See below how it stands now.", tone="warning")
        return redirect(url_for("monitoring.show", monitoring_id=row.id), code=303)
    try:
        deed()
    except RefusedError as error:
        form.refuse(error.message, error.field)
        return None
    say(happened, _follows(_own(row.id)))
    return redirect(url_for("monitoring.show", monitoring_id=row.id), code=303)


def _follows(row: Monitoring) -> str:
    now = clock.now()
    if row.closed_at is not None:
        return "No further review is asked for."
    if watching.has_ended(row, now):
        return "Its time is over: extend or close it."
    next_review = moment_words(row.review_at, now)
    return f"Next review {next_review}; until {day_words(row.ends_on, local_date(now))}."


def _version(row: Monitoring) -> str:
    """Return what changes when somebody extends or closes."""
    return f"{row.ends_on}.{'closed' if row.closed_at else 'open'}"


def _page(
    row: Monitoring,
    review: ReviewForm | None = None,
    extend: ExtendForm | None = None,
    close: CloseForm | None = None,
) -> ResponseReturnValue:
    about = {"about": str(row.id), "seen_version": _version(row)}
    forms = {
        "review": review or ReviewForm(formdata=None, **about),
        "extend": extend or ExtendForm(formdata=None, **about),
        "close": close or CloseForm(formdata=None, **about),
    }
    page = render_template("monitoring/show.html", page=monitoring_page(row, clock.now()), forms=forms)
    return page, 422 if any(form.errors for form in forms.values()) else 200
