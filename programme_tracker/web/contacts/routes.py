"""Not reached lately, and the log of one person with a form to add to it."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.engagement.queries import REACHED_NOBODY, contacts_of
from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.services import is_over
from programme_tracker.web.access import requires
from programme_tracker.web.contacts.views import MOST, log_of, not_reached
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.people.forms import ContactForm
from programme_tracker.web.presentation import moment_words
from programme_tracker.workflows.journeys import record_contact
from programme_tracker.workflows.silence import silences
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("contacts", __name__)


@bp.get("/contacts/")
@requires("people.change")
def index() -> ResponseReturnValue:
    """List one's people by the day on which silence would count."""
    now = clock.now()
    return render_template("contacts/index.html", found=not_reached(current_actor(), now), now=now, most=MOST)


@bp.get("/enrolments/<int:enrolment_id>/contacts")
@requires("people.change")
def log(enrolment_id: int) -> ResponseReturnValue:
    """Show the log of one person, and ask for what came of the last attempt."""
    return _page(_enrolment(enrolment_id), ContactForm(about=str(enrolment_id)))


@bp.post("/enrolments/<int:enrolment_id>/contacts")
@requires("people.change")
def add(enrolment_id: int) -> ResponseReturnValue:
    """Add a contact or an attempt to the log."""
    enrolment, form, now = _enrolment(enrolment_id), ContactForm(), clock.now()
    if not form.validate_on_submit() or not _is_about(form, enrolment):
        return _page(enrolment, form)
    kind, outcome = form.kind.data, form.outcome.data
    try:
        record_contact(
            enrolment.id, kind, form.note.data or None, actor=current_actor(), now=now, outcome=outcome
        )
    except RefusedError as refused:
        form.refuse(refused.message, refused.field)
        return _page(enrolment, form)
    reached = outcome not in REACHED_NOBODY
    say("Contact saved." if reached else "Attempt saved.", what_follows(enrolment, reached, now))
    return redirect(url_for("contacts.log", enrolment_id=enrolment.id), code=303)


def _enrolment(enrolment_id: int) -> Enrolment:
    return enrolment_for(current_actor(), enrolment_id) or abort(404)


def _is_about(form: ContactForm, enrolment: Enrolment) -> bool:
    if form.is_about(enrolment.id):
        return True
    form.about.data = str(enrolment.id)
    form.refuse("This page was about somebody else. Nothing was saved. Check the name and send it again.")
    return False


def what_follows(enrolment: Enrolment, reached: bool, now: datetime) -> str:
    """Say what an attempt does to the time without contact."""
    (silence,) = silences([enrolment], now)
    start = "The time without contact starts anew." if reached else "Nobody was reached, so the time goes on."
    if silence.counts_at is None:
        return start if reached else "Nobody was reached."
    if silence.counts_at <= now:
        return f"{start} It has counted as a red flag since {moment_words(silence.counts_at, now)}."
    return f"{start} Without contact it counts as a red flag on {moment_words(silence.counts_at, now)}."


def _page(enrolment: Enrolment, form: ContactForm) -> ResponseReturnValue:
    now = clock.now()
    (silence,) = silences([enrolment], now)
    page = render_template(
        "contacts/log.html",
        enrolment=enrolment,
        form=form,
        silence=silence,
        log=log_of(contacts_of(enrolment.id)),
        is_over=is_over(enrolment),
        now=now,
    )
    return page, 422 if form.errors else 200
