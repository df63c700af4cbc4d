"""Sign-in codes: giving one after the password, setting up an app, recovery codes, another phone."""

import io

import segno
from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from programme_tracker.accounts import queries, second_factors, sessions
from programme_tracker.accounts.attempts import AddressWaitsError, check_address
from programme_tracker.accounts.codes import app_address
from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.web.access import requires
from programme_tracker.web.accounts.forms import AppCodeForm, CodeForm
from programme_tracker.web.addresses import safe_next
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import (
    asks_for_codes,
    give_token,
    longest_stay,
    require_person,
    sign_in_now,
    token,
)

bp = Blueprint("codes", __name__)

#: The same for a wrong, a used and a waiting one: it tells nothing.
REFUSED = (
    "That code is not right. Wait for the next one and enter that. After five wrong codes in a row an "
    "account waits before it lets anybody in, longer each time."
)


@bp.before_request
def _absent_in_demo() -> None:
    """Hide these pages where nobody is asked for a code."""
    if not asks_for_codes():
        abort(404)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@requires("account.own")
def give() -> ResponseReturnValue:
    """Ask for the code after the password."""
    if require_person().step != "code":
        return redirect(url_for("accounts.home"))
    form = CodeForm(next=safe_next(request.args.get("next")) or "")
    if form.validate_on_submit():
        try:
            return _entered(form)
        except (sessions.SignInRefusedError, AddressWaitsError):
            form.code.errors = [REFUSED]
    return render_template("accounts/give_code.html", form=form), 422 if form.errors else 200


def _entered(form: CodeForm) -> ResponseReturnValue:
    """Take the code and go where somebody wanted to."""
    now, person = sign_in_now(), require_person()
    check_address(request.remote_addr, now=now)
    proven = second_factors.prove(
        person.staff_id,
        form.code.data or "",
        token=token(),
        now=now,
        longest=longest_stay(),
        address=request.remote_addr,
    )
    address = safe_next(form.next.data) or url_for("accounts.home")
    response = give_token(current_app.make_response(redirect(address, code=303)), proven.signed_in.token)
    if proven.by_recovery_code:
        left = queries.recovery_codes_left(person.staff_id)
        say(f"You used a recovery code. {left} left.", "Make new ones on your account page.", tone="warning")
    return response


@bp.route("/account/codes/set-up", methods=["GET", "POST"])
@requires("account.own")
def set_up() -> ResponseReturnValue:
    """Show the QR code of a new app and take its first code."""
    person = require_person()
    if person.step != "app":
        return redirect(url_for("codes.show"))
    form = AppCodeForm(next=safe_next(request.args.get("next")) or "")
    if form.validate_on_submit():
        try:
            return _set_up(form)
        except RefusedError as error:
            form.refuse(error.message, error.field)
    secret = second_factors.secret_to_set_up(person.staff_id, actor=person.actor, now=sign_in_now())
    return _set_up_page(form, secret), 422 if form.errors else 200


def _set_up(form: AppCodeForm) -> ResponseReturnValue:
    """Confirm the app and show the recovery codes, once."""
    done = second_factors.confirm_app(
        require_person().staff_id, form.code.data or "", now=sign_in_now(), longest=longest_stay()
    )
    go_on = safe_next(form.next.data) or url_for("accounts.home")
    page = render_template("accounts/recovery_codes.html", codes=done.recovery_codes, go_on=go_on)
    return give_token(current_app.make_response(page), done.signed_in.token)


def _set_up_page(form: AppCodeForm, secret: str) -> str:
    staff = _own_staff()
    address = app_address(secret, staff.username)
    return render_template(
        "accounts/set_up_app.html",
        form=form,
        picture=_picture(address),
        address=address,
        groups=[secret[start : start + 4] for start in range(0, len(secret), 4)],
        reset=queries.reset_by_somebody(staff.id),
    )


def _picture(address: str) -> Markup:
    """Draw the QR code as SVG without style or script, as our content policy asks."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", xmldecl=False, omitsize=True, border=4, light="#fff"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by us, of our own secret


@bp.get("/account/codes/")
@requires("account.own")
def show() -> ResponseReturnValue:
    """Show how one's codes are set up, and what can be changed."""
    return _page(AppCodeForm(prefix="fresh"), AppCodeForm(prefix="change"))


@bp.post("/account/codes/recovery")
@requires("account.own")
def make_recovery() -> ResponseReturnValue:
    """Make new recovery codes; the old ones stop working."""
    person, form = require_person(), AppCodeForm(prefix="fresh")
    if form.validate_on_submit():
        try:
            fresh = second_factors.make_recovery_codes(
                person.staff_id, form.code.data or "", actor=person.actor, now=sign_in_now()
            )
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            return render_template("accounts/recovery_codes.html", codes=fresh, go_on=url_for("codes.show"))
    return _page(form, AppCodeForm(prefix="change", formdata=None))


@bp.post("/account/codes/change")
@requires("account.own")
def change_app() -> ResponseReturnValue:
    """Forget one's app, to set up another; every other browser is signed out."""
    person, form, now = require_person(), AppCodeForm(prefix="change"), sign_in_now()
    if form.validate_on_submit():
        try:
            second_factors.forget_own_app(person.staff_id, form.code.data or "", actor=person.actor, now=now)
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            fresh = sessions.open_session(_own_staff(), now=now, longest=sessions.UNPROVEN_STAY)
            return give_token(current_app.make_response(redirect(url_for("codes.set_up"), code=303)), fresh)
    return _page(AppCodeForm(prefix="fresh", formdata=None), form)


def _page(fresh: AppCodeForm, change: AppCodeForm) -> ResponseReturnValue:
    staff_id = require_person().staff_id
    page = render_template(
        "accounts/codes.html",
        source=queries.confirmed_source(staff_id),
        left=queries.recovery_codes_left(staff_id),
        fresh_form=fresh,
        change_form=change,
    )
    return page, 422 if fresh.errors or change.errors else 200


def _own_staff() -> Staff:
    return queries.staff_by_id(require_person().staff_id) or abort(404)
