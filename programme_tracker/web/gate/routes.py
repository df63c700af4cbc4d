"""Victim safety's sign-offs: those waiting, one of them, and withdrawing it."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import EnrolmentStatus, Gate, may_change
from programme_tracker.web.access import may, requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.gate import views
from programme_tracker.web.gate.forms import NotApplicableForm, SignOffForm, WithdrawForm
from programme_tracker.web.identity import current_actor
from programme_tracker.web.referrals.views import answered
from programme_tracker.workflows.referring import sign_off
from programme_tracker.workflows.visibility import enrolment_for

bp = Blueprint("gate", __name__, url_prefix="/sign-offs")

#: What follows from each decision, said after it.
FOLLOWS = {
    Gate.GRANTED: ("Sign-off granted.", "Sessions can be booked now, and texts about them go."),
    Gate.REFUSED: ("Sign-off refused.", "Nothing can be booked and nothing goes to the participant."),
    Gate.WITHDRAWN: (
        "Sign-off withdrawn.",
        "Every text to the participant has stopped. Those who run sessions see only “suspended”.",
    ),
    Gate.NOT_APPLICABLE: ("Noted that no sign-off applies.", "Sessions can be booked now."),
}


@bp.get("/")
@requires("gate.see")
def index() -> ResponseReturnValue:
    """List the sign-offs: those that wait first."""
    actor = current_actor()
    return render_template("gate/index.html", waiting=views.waiting(actor), decided=views.decided(actor))


@bp.get("/<int:enrolment_id>")
@requires("gate.see")
def show(enrolment_id: int) -> ResponseReturnValue:
    """Show what is needed to decide, and the decisions so far."""
    enrolment = _enrolment(enrolment_id)
    return _page(enrolment, SignOffForm.for_gate(enrolment.id, Gate(enrolment.gate)))


def _enrolment(enrolment_id: int) -> Enrolment:
    return enrolment_for(current_actor(), enrolment_id) or abort(404)


def _page(enrolment: Enrolment, form: SignOffForm) -> ResponseReturnValue:
    gate = Gate(enrolment.gate)
    page = render_template(
        "gate/show.html",
        enrolment=enrolment,
        form=form if may("gate.write") and form.decision.choices else None,
        answers=answered(enrolment.referral, clock.now()),
        history=views.history(enrolment, current_actor()),
        can_withdraw=may("gate.write") and may_change(gate, Gate.WITHDRAWN),
        can_waive=may("gate.waive") and may_change(gate, Gate.NOT_APPLICABLE),
    )
    return page, 422 if form.errors else 200


@bp.post("/<int:enrolment_id>")
@requires("gate.write")
def decide(enrolment_id: int) -> ResponseReturnValue:
    """Grant or refuse the sign-off."""
    enrolment = _enrolment(enrolment_id)
    form = SignOffForm.for_gate(enrolment.id, Gate(enrolment.gate))
    if form.seen_version.data != enrolment.gate:
        say("This sign-off was decided meanwhile.", "See below what it says now.", tone="warning")
        return redirect(url_for("gate.show", enrolment_id=enrolment.id), code=303)
    if form.validate_on_submit() and _write(enrolment, Gate(form.decision.data), form, form.reason.data):
        return redirect(url_for("gate.show", enrolment_id=enrolment_id), code=303)
    return _page(_enrolment(enrolment_id), form)


def _write(enrolment: Enrolment, gate: Gate, form: PageForm, reason: str | None) -> bool:
    """Write a decision and say what follows; a refusal goes on the form."""
    try:
        enrolment = sign_off(enrolment.id, gate, actor=current_actor(), now=clock.now(), reason=reason)
    except RefusedError as error:
        form.refuse(error.message, error.field)
        return False
    happened, follows = FOLLOWS[gate]
    if gate is Gate.GRANTED and enrolment.status == EnrolmentStatus.SUSPENDED:
        follows = "The enrolment stays suspended until the caseworker resumes it."
    say(happened, follows)
    return True


@bp.route("/<int:enrolment_id>/withdraw", methods=["GET", "POST"])
@requires("gate.write")
def withdraw(enrolment_id: int) -> ResponseReturnValue:
    """Ask once, then withdraw the sign-off: every text stops at once."""
    return _take_back(enrolment_id, Gate.WITHDRAWN, WithdrawForm(), "gate/withdraw.html")


@bp.route("/<int:enrolment_id>/not-applicable", methods=["GET", "POST"])
@requires("gate.waive")
def not_applicable(enrolment_id: int) -> ResponseReturnValue:
    """Say that no sign-off applies; a manager's to say."""
    return _take_back(enrolment_id, Gate.NOT_APPLICABLE, NotApplicableForm(), "gate/not_applicable.html")


def _take_back(
    enrolment_id: int, gate: Gate, form: WithdrawForm | NotApplicableForm, template: str
) -> ResponseReturnValue:
    enrolment = _enrolment(enrolment_id)
    if not may_change(Gate(enrolment.gate), gate):
        say("The sign-off was decided meanwhile.", "See below what it says now.", tone="warning")
        return redirect(url_for("gate.show", enrolment_id=enrolment.id), code=303)
    if form.validate_on_submit() and _write(enrolment, gate, form, form.reason.data):
        return redirect(url_for("gate.show", enrolment_id=enrolment_id), code=303)
    page = render_template(template, enrolment=_enrolment(enrolment_id), form=form)
    return page, 422 if form.errors else 200
