"""How one is alerted, and where: one's own choices and addresses."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.passwords import is_password
from programme_tracker.accounts.queries import staff_by_id
from programme_tracker.alerts.queries import choices_of, mail_is_carried, wishes_of
from programme_tracker.alerts.services import choose
from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.web.access import requires
from programme_tracker.web.accounts.alert_forms import ChoicesForm, OwnAddressesForm
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor, require_person
from programme_tracker.workflows.alerting import change_addresses

bp = Blueprint("own_alerts", __name__, url_prefix="/account/alerts")

WRONG_PASSWORD = "That is not your password. Enter it again."  # noqa: S105 - a sentence


@bp.get("/")
@requires("account.own")
def show() -> ResponseReturnValue:
    """Show how one is alerted, and where."""
    staff = _own()
    return _page(staff, ChoicesForm.showing(wishes_of(staff.id)), OwnAddressesForm.showing(staff))


@bp.post("/choices")
@requires("account.own")
def save_choices() -> ResponseReturnValue:
    """Keep how one wants to be alerted."""
    staff, form = _own(), ChoicesForm()
    if form.validate_on_submit():
        try:
            choose(staff.id, form.wishes, actor=current_actor(), now=clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say("Alerts saved.", "They hold from the next notice on.")
            return redirect(url_for("own_alerts.show"), code=303)
    staff = _own()
    return _page(staff, form, OwnAddressesForm.showing(staff))


@bp.post("/addresses")
@requires("account.own")
def save_addresses() -> ResponseReturnValue:
    """Change where one is alerted; asks for the password."""
    staff, form = _own(), OwnAddressesForm()
    if form.validate_on_submit():
        try:
            _save(staff, form)
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say("Addresses saved.", "Alerts go there from now on.")
            return redirect(url_for("own_alerts.show"), code=303)
    staff = _own()
    return _page(staff, ChoicesForm.showing(wishes_of(staff.id)), form)


def _save(staff: Staff, form: OwnAddressesForm) -> None:
    if not is_password(staff.password_hash, form.password.data):
        raise RefusedError(Code.NOT_ALLOWED, WRONG_PASSWORD, field="password")
    change_addresses(
        staff.id, email=form.email.data, mobile=form.mobile.data, actor=current_actor(), now=clock.now()
    )


def _own() -> Staff:
    return staff_by_id(require_person().staff_id) or abort(404)


def _page(staff: Staff, choices: ChoicesForm, addresses: OwnAddressesForm) -> ResponseReturnValue:
    page = render_template(
        "accounts/own_alerts.html",
        staff=staff,
        choices_form=choices,
        addresses_form=addresses,
        failing=choices_of(staff.id),
        mail_is_carried=mail_is_carried(),
    )
    return page, 422 if choices.errors or addresses.errors else 200
