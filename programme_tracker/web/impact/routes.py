"""A participant's own IMPACT answers: the time points of one enrolment, and recording one."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.referrals.models import Enrolment
from programme_tracker.victim_safety.rules import ImpactPoint
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.impact.forms import OwnImpactForm
from programme_tracker.web.partners.views import names_of
from programme_tracker.web.partners.wording import OWN, POINTS
from programme_tracker.workflows.asking_impact import OwnPoint, own_points, record_own_answers
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("impact", __name__, url_prefix="/enrolments/<int:enrolment_id>/impact")

ANOTHER = "This page was about somebody else. Nothing was saved. Check the name and send it again."


@bp.get("/")
@requires("impact.see")
def show(enrolment_id: int) -> ResponseReturnValue:
    """Show what a participant answered at each time point that is known."""
    enrolment = _enrolment(enrolment_id)
    lines = own_points(enrolment, clock.now())
    by = names_of([line.answer.made_by for line in lines if line.answer])
    return render_template(
        "impact/show.html", enrolment=enrolment, lines=lines, by=by, points=POINTS, questions=OWN
    )


@bp.route("/<point>", methods=["GET", "POST"])
@requires("impact.write")
def answer(enrolment_id: int, point: str) -> ResponseReturnValue:
    """Record the answers at one time point, or put right those that were recorded."""
    enrolment, form = _enrolment(enrolment_id), OwnImpactForm()
    line = _line(enrolment, point)
    if not form.is_submitted():
        _fill(form, line, enrolment_id)
    elif not form.is_about(enrolment_id):
        form.about.data = str(enrolment_id)
        form.refuse(ANOTHER)
    elif form.validate() and _saved(form, enrolment_id, line):
        say("Answers saved.", "Victim safety reads them beside what the partner answers.")
        return redirect(url_for("impact.show", enrolment_id=enrolment_id), code=303)
    page = render_template(
        "impact/answer.html", enrolment=_enrolment(enrolment_id), form=form, line=line, points=POINTS
    )
    return page, 422 if form.errors else 200


def _enrolment(enrolment_id: int) -> Enrolment:
    return enrolment_for(current_actor(), enrolment_id) or abort(404)


def _line(enrolment: Enrolment, point: str) -> OwnPoint:
    known = {one.point.value: one for one in own_points(enrolment, clock.now()) if one.is_due}
    return known.get(point) or abort(404)


def _fill(form: OwnImpactForm, line: OwnPoint, enrolment_id: int) -> None:
    form.about.data = str(enrolment_id)
    if line.answer is not None:
        form.note.data = line.answer.note
        for name, given in line.answer.answers.items():
            form[name].data = given


def _saved(form: OwnImpactForm, enrolment_id: int, line: OwnPoint) -> bool:
    point, note = ImpactPoint(line.point), form.note.data or None
    try:
        record_own_answers(
            enrolment_id, point, form.answers, note=note, actor=current_actor(), now=clock.now()
        )
    except RefusedError as refused:
        form.refuse(refused.message, refused.field)
        return False
    return True
