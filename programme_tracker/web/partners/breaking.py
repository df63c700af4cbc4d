"""Breaking the glass: a manager opens a partner's file, and victim safety is told at once."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.referrals.models import Enrolment
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.queries import partners_of
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor, require_person
from programme_tracker.web.partners.forms import BreakGlassForm
from programme_tracker.web.partners.routes import MINUTES
from programme_tracker.workflows.partner_files import break_glass
from programme_tracker.workflows.visibility import enrolment_for, partner_for

bp = Blueprint("break_glass", __name__, url_prefix="/enrolments/<int:enrolment_id>/partners")


@bp.get("/")
@requires("partner.break_glass")
def show(enrolment_id: int) -> ResponseReturnValue:
    """Ask for the reason and say what follows; once given, lead to the files."""
    enrolment = _enrolment(enrolment_id)
    return _page(enrolment, BreakGlassForm(about=str(enrolment.id)))


def _enrolment(enrolment_id: int) -> Enrolment:
    return enrolment_for(current_actor(), enrolment_id) or abort(404)


def _page(enrolment: Enrolment, form: BreakGlassForm) -> ResponseReturnValue:
    page = render_template(
        "partners/break_glass.html",
        enrolment=enrolment,
        form=form,
        minutes=MINUTES,
        opened=_opened(enrolment),
    )
    return page, 422 if form.errors else 200


def _opened(enrolment: Enrolment) -> list[Partner]:
    person, now = require_person(), clock.now()
    found = partners_of([enrolment.participant_id])
    return [one for one in found if partner_for(person.actor, one.id, person.session_id, now)]


@bp.post("/")
@requires("partner.break_glass")
def open_all(enrolment_id: int) -> ResponseReturnValue:
    """Break the glass."""
    enrolment, form, person = _enrolment(enrolment_id), BreakGlassForm(), require_person()
    if not form.validate_on_submit():
        return _page(enrolment, form)
    try:
        files = break_glass(
            enrolment.id, form.words.data or "", person.session_id, actor=person.actor, now=clock.now()
        )
    except RefusedError as refused:
        form.refuse(refused.message, refused.field)
        return _page(_enrolment(enrolment_id), form)
    _say_who_was_told(files)
    return redirect(url_for("break_glass.show", enrolment_id=enrolment_id), code=303)


def _say_who_was_told(files: int) -> None:
    if files:
        follows = f"The file is open to you for {MINUTES} minutes."
        say("Victim safety was told just now.", follows, tone="warning")
    else:
        say("There is no file.", "Victim safety was told that you looked for one.", tone="warning")
