"""Signing in and out."""

from datetime import datetime

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.accounts import sessions
from programme_tracker.accounts.attempts import AddressWaitsError
from programme_tracker.web.access import public, requires
from programme_tracker.web.accounts.demo import demo_account, demo_accounts
from programme_tracker.web.accounts.forms import SignInForm
from programme_tracker.web.addresses import safe_next
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import (
    asks_for_codes,
    current_person,
    give_token,
    longest_stay,
    require_person,
    sign_in_now,
    take_token,
    token,
)
from programme_tracker.web.presentation import time_words

bp = Blueprint("accounts", __name__)

#: The same for an unknown name, a wrong password and a waiting or closed account: it tells nothing.
REFUSED = (
    "The name or the password is not right. Check both and try again. After five wrong passwords in a row "
    "an account waits before it lets anybody in, longer each time."
)


@bp.get("/")
@requires("account.own")
def home() -> ResponseReturnValue:
    """Send everybody to their Today page."""
    if "today.show" in current_app.view_functions:
        return redirect(url_for("today.show"))
    return redirect(url_for("own_account.show"))


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for name and password and open a session."""
    form = SignInForm(next=safe_next(request.args.get("next")) or "")
    if request.method == "GET" and current_person() is not None:
        return redirect(url_for("accounts.home"))
    if form.validate_on_submit():
        try:
            if response := _enter(form.username.data, form.password.data, form.next.data):
                return response
        except AddressWaitsError as error:
            return _wait(form, error.until)
        form.form_errors.append(REFUSED)
    return _sign_in_page(form), 422 if form.errors else 200


def _sign_in_page(form: SignInForm) -> str:
    return render_template("accounts/sign_in.html", form=form, accounts=demo_accounts())


def _wait(form: SignInForm, until: datetime) -> ResponseReturnValue:
    """Say that this network must wait; it tells nothing about any account."""
    form.form_errors.append(
        f"Too many sign-ins were refused from your network. Wait until {time_words(until)}, then try again."
    )
    seconds = max(1, int((until - sign_in_now()).total_seconds()))
    return _sign_in_page(form), 429, {"Retry-After": str(seconds)}


@bp.post("/sign-in/demo")
@public
def demo_sign_in() -> ResponseReturnValue:
    """Sign in with an invented account; there is no such page outside demo mode."""
    account = demo_account(request.form.get("username", ""))
    if account is None:
        abort(404)
    response = _enter(account.username, account.password, request.form.get("next"))
    if response is None:
        say(f"{account.name}’s password was changed. Sign in with the new one.", tone="warning")
        return redirect(url_for("accounts.sign_in"), code=303)
    return response


def _enter(username: str, password: str, wanted: str | None) -> ResponseReturnValue | None:
    """Open a session and go where somebody wanted to; None when refused."""
    try:
        entered = sessions.sign_in(
            username,
            password,
            now=sign_in_now(),
            longest=longest_stay(),
            address=request.remote_addr,
            code_follows=asks_for_codes(),
        )
    except sessions.SignInRefusedError:
        return None
    _leave_old_session("replaced")
    # With a code still to be given, the guard leads there and then on.
    address = safe_next(wanted) or url_for("accounts.home")
    return give_token(current_app.make_response(redirect(address, code=303)), entered.token)


def _leave_old_session(why: sessions.EndedWhy) -> None:
    person = current_person()
    if person is not None:
        sessions.end_session(token(), why, actor=person.actor, now=sign_in_now())


@bp.post("/sign-out")
@requires("account.own")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    _leave_old_session("signed_out")
    return _signed_out("You are signed out.")


@bp.post("/sign-out/everywhere")
@requires("account.own")
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of one's own, this one too."""
    person = require_person()
    sessions.end_sessions_of(person.staff_id, "everywhere", actor=person.actor, now=sign_in_now())
    return _signed_out("You are signed out everywhere.")


def _signed_out(said: str) -> ResponseReturnValue:
    session.clear()
    say(said)
    return take_token(current_app.make_response(redirect(url_for("accounts.sign_in"), code=303)))


@bp.get("/stay")
@requires("account.own")
def stay() -> ResponseReturnValue:
    """Keep a sign-in alive: being asked for at all is what does it."""
    return "", 204
