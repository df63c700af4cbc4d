"""Telling victim safety of a new partner, contact with a child, or whatever else may raise the risk."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.safety_words.forms import TellForm
from programme_tracker.workflows.safety_words import tell_victim_safety
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("safety_words", __name__, url_prefix="/enrolments/<int:enrolment_id>/tell-victim-safety")

ANOTHER = "This page was about somebody else. Nothing was saved. Check the name and send it again."


@bp.route("/", methods=["GET", "POST"])
@requires("safety.tell")
def tell(enrolment_id: int) -> ResponseReturnValue:
    """Ask what has changed, and pass it on; it is not shown again to whoever wrote it."""
    enrolment = enrolment_for(current_actor(), enrolment_id) or abort(404)
    form = TellForm()
    if not form.is_submitted():
        form.about.data = str(enrolment_id)
    elif not form.is_about(enrolment_id):
        form.about.data = str(enrolment_id)
        form.refuse(ANOTHER)
    elif form.validate():
        words = form.words.data or None
        tell_victim_safety(enrolment.id, form.what.data, words, actor=current_actor(), now=clock.now())
        say("Victim safety is told.", "They assess the risk again by the end of the next working day.")
        return redirect(url_for("people.enrolment", enrolment_id=enrolment_id), code=303)
    page = render_template("safety_words/tell.html", enrolment=enrolment, form=form)
    return page, 422 if form.errors else 200
