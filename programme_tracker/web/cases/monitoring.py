"""Monitoring: extended or closed by a person, never by itself."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from programme_tracker.escalation.models import Case, Monitoring
from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.web.access import requires
from programme_tracker.web.cases.forms import CloseForm, ExtendForm
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.identity import current_actor
from programme_tracker.workflows import monitoring as watching
from programme_tracker.workflows.visibility import may_see_case

bp = Blueprint("monitoring", __name__, url_prefix="/monitoring/<int:monitoring_id>")


@bp.get("/")
@requires("monitoring.decide")
def show(monitoring_id: int) -> ResponseReturnValue:
    """Ask whether monitoring goes on."""
    return _page(_own(monitoring_id), ExtendForm(months=1), CloseForm())


@bp.post("/extend")
@requires("monitoring.decide")
def extend(monitoring_id: int) -> ResponseReturnValue:
    """Let monitoring go on for some months."""
    row, form = _own(monitoring_id), ExtendForm()
    if form.validate_on_submit():
        try:
            watching.extend(row.id, months=form.months.data or 0, actor=current_actor(), now=clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say("Monitoring extended.", "The next review is on the case page.")
            return redirect(url_for("cases.show", case_id=row.case_id), code=303)
    return _page(row, form, CloseForm())


@bp.post("/close")
@requires("monitoring.decide")
def close(monitoring_id: int) -> ResponseReturnValue:
    """End monitoring with a reason."""
    row, form = _own(monitoring_id), CloseForm()
    if form.validate_on_submit():
        try:
            watching.close(row.id, form.reason.data or "", actor=current_actor(), now=clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say("Monitoring closed.", "No further review is asked for.")
            return redirect(url_for("cases.show", case_id=row.case_id), code=303)
    return _page(row, ExtendForm(months=1), form)


def _own(monitoring_id: int) -> Monitoring:
    found = (
        select(Monitoring)
        .join(Case, Case.id == Monitoring.case_id)
        .where(Monitoring.id == monitoring_id, Monitoring.closed_at.is_(None), may_see_case(current_actor()))
    )
    return db.session.scalars(found).first() or abort(404)


def _page(row: Monitoring, extend_form: PageForm, close_form: PageForm) -> ResponseReturnValue:
    case = db.session.get_one(Case, row.case_id)
    page = render_template(
        "cases/monitoring.html",
        monitoring=row,
        name=case.enrolment.participant.name,
        extend_form=extend_form,
        close_form=close_form,
    )
    return page, 422 if extend_form.errors or close_form.errors else 200
