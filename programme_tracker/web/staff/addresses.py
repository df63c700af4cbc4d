"""The administrator changes where somebody is alerted, and sees what fails."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import staff_by_id
from programme_tracker.alerts.queries import choices_of
from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.web.access import requires
from programme_tracker.web.accounts.alert_forms import AddressesForm
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.workflows.alerting import change_addresses

bp = Blueprint("staff_addresses", __name__, url_prefix="/staff")


@bp.get("/<int:staff_id>/addresses")
@requires("staff.see")
def show(staff_id: int) -> ResponseReturnValue:
    """Show where somebody is alerted."""
    person = _account(staff_id)
    return _page(person, AddressesForm.showing(person))


@bp.post("/<int:staff_id>/addresses")
@requires("staff.see")
def save(staff_id: int) -> ResponseReturnValue:
    """Change where somebody is alerted."""
    _account(staff_id)
    form, actor, now = AddressesForm(), current_actor(), clock.now()
    if form.validate_on_submit():
        try:
            change_addresses(staff_id, email=form.email.data, mobile=form.mobile.data, actor=actor, now=now)
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say("Addresses saved.", "Alerts go there from now on.")
            return redirect(url_for("staff.show", staff_id=staff_id), code=303)
    return _page(_account(staff_id), form)


def _account(staff_id: int) -> Staff:
    return staff_by_id(staff_id) or abort(404)


def _page(person: Staff, form: AddressesForm) -> ResponseReturnValue:
    page = render_template("staff/addresses.html", person=person, form=form, failing=choices_of(person.id))
    return page, 422 if form.errors else 200
