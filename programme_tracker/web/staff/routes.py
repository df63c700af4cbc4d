"""The administrator's list of accounts: add, disable, reset a password, change what one is for."""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.accounts import services
from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.passwords import one_time_password
from programme_tracker.accounts.queries import all_staff, confirmed_source, staff_by_id, staff_with_codes
from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.fields import PageForm
from programme_tracker.web.identity import asks_for_codes, current_actor, sign_in_now
from programme_tracker.web.staff.forms import NewAccountForm, WorkForm, work_of, work_words
from programme_tracker.workflows import alerting, being_away

bp = Blueprint("staff", __name__, url_prefix="/staff")

OWN = "Another administrator has to do this to your own account."


@bp.get("/")
@requires("staff.see")
def index() -> ResponseReturnValue:
    """Show every account, active ones first."""
    return render_template(
        "staff/index.html",
        people=all_staff(),
        with_codes=staff_with_codes(),
        asks_for_codes=asks_for_codes(),
        work_words=work_words,
        now=sign_in_now(),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires("staff.see")
def add() -> ResponseReturnValue:
    """Add an account and show its one-time password, once."""
    form = NewAccountForm()
    if form.validate_on_submit():
        password = one_time_password()
        try:
            staff = _add(form, password)
        except RefusedError as error:
            form.refuse(error.message, "work" if error.field == "also_role" else error.field)
        else:
            return render_template("staff/password.html", person=staff, password=password, is_new=True)
    return render_template("staff/new.html", form=form), 422 if form.errors else 200


def _add(form: NewAccountForm, password: str) -> Staff:
    role, also_role = form.roles
    return services.add_staff(
        username=form.username.data or "",
        name=form.name.data or "",
        role=role,
        also_role=also_role,
        email=form.email.data or None,
        password=password,
        actor=current_actor(),
        now=clock.now(),
    )


@bp.get("/<int:staff_id>")
@requires("staff.see")
def show(staff_id: int) -> ResponseReturnValue:
    """Show one account and what can be done with it."""
    person = _account(staff_id)
    return _page(person, WorkForm(work=work_of(person)))


@bp.post("/<int:staff_id>/work")
@requires("staff.see")
def change_work(staff_id: int) -> ResponseReturnValue:
    """Change what an account is for; whoever holds it signs in again."""
    person, form = _account(staff_id), WorkForm()
    if form.validate_on_submit():
        role, also_role = form.roles
        if _is_own(staff_id):
            form.refuse(OWN, "work")
        else:
            services.change_role(staff_id, role, also_role, actor=current_actor(), now=clock.now())
            say(f"{person.name} changed.", "They are signed out and sign in again for their new work.")
            return redirect(url_for("staff.show", staff_id=staff_id), code=303)
    return _page(person, form)


@bp.post("/<int:staff_id>/disable")
@requires("staff.see")
def disable(staff_id: int) -> ResponseReturnValue:
    """Stop an account from signing in."""
    return _switch(staff_id, being_away.disable, "Account disabled.", "They are signed out everywhere.")


@bp.post("/<int:staff_id>/enable")
@requires("staff.see")
def enable(staff_id: int) -> ResponseReturnValue:
    """Let an account sign in again."""
    return _switch(staff_id, services.enable_staff, "Account enabled.", "The old password works again.")


def _switch(staff_id: int, deed: Callable[..., None], happened: str, follows: str) -> ResponseReturnValue:
    _account(staff_id)
    if _is_own(staff_id):
        say(OWN, tone="warning")
    else:
        deed(staff_id, actor=current_actor(), now=clock.now())
        say(happened, follows)
    return redirect(url_for("staff.show", staff_id=staff_id), code=303)


@bp.post("/<int:staff_id>/password")
@requires("staff.see")
def reset_password(staff_id: int) -> ResponseReturnValue:
    """Give an account a one-time password and show it, once."""
    _account(staff_id)
    password = services.reset_password(staff_id, actor=current_actor(), now=clock.now())
    return render_template("staff/password.html", person=_account(staff_id), password=password, is_new=False)


@bp.post("/<int:staff_id>/codes/reset")
@requires("staff.see")
def reset_codes(staff_id: int) -> ResponseReturnValue:
    """Take away somebody's app for sign-in codes, whose phone is lost; they set up another."""
    return _switch(
        staff_id,
        alerting.reset_codes,
        "App and recovery codes taken away.",
        "They are signed out everywhere, alerted at once, and set up another when they sign in.",
    )


def _is_own(staff_id: int) -> bool:
    return staff_id == current_actor().staff_id


def _account(staff_id: int) -> Staff:
    return staff_by_id(staff_id) or abort(404)


def _page(person: Staff, form: PageForm) -> ResponseReturnValue:
    page = render_template(
        "staff/show.html",
        person=person,
        form=form,
        work=work_words(person),
        is_own=_is_own(person.id),
        has_codes=confirmed_source(person.id) is not None,
        now=sign_in_now(),
    )
    return page, 422 if form.errors else 200
