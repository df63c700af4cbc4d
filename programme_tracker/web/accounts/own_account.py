"""One's own account: password, deputy, leave and the browsers one is signed in with."""

from datetime import date

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.accounts import queries, services, sessions
from programme_tracker.accounts.models import SignInSession, Staff
from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel import clock
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import local_date
from programme_tracker.web.access import requires
from programme_tracker.web.accounts.forms import ChangePasswordForm, DeputyForm, LeaveForm
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import (
    asks_for_codes,
    current_actor,
    give_token,
    idle_limit,
    longest_stay,
    require_person,
    sign_in_now,
)
from programme_tracker.web.presentation import ago_words
from programme_tracker.workflows import being_away

bp = Blueprint("own_account", __name__, url_prefix="/account")


@bp.get("/")
@requires("account.own")
def show() -> ResponseReturnValue:
    """Show one's own account."""
    staff = _own_staff()
    return _page(staff, _deputy_form(staff), LeaveForm())


@bp.post("/deputy")
@requires("account.own")
def set_deputy() -> ResponseReturnValue:
    """Name who stands in on one's days away."""
    staff = _own_staff()
    form = _deputy_form(staff)
    if form.validate_on_submit():
        try:
            services.set_deputy(staff.id, form.deputy_id, actor=current_actor(), now=clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say("Deputy saved.", _deputy_follows(form.deputy_id))
            return redirect(url_for("own_account.show"), code=303)
    return _page(_own_staff(), form, LeaveForm())


@bp.post("/leave")
@requires("account.own")
def record_leave() -> ResponseReturnValue:
    """Note days away."""
    staff, form = _own_staff(), LeaveForm()
    if form.validate_on_submit():
        try:
            being_away.record_leave(staff.id, *form.days, actor=current_actor(), now=clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say("Leave saved.", _deputy_follows(_own_staff().deputy_id))
            return redirect(url_for("own_account.show"), code=303)
    staff = _own_staff()
    return _page(staff, _deputy_form(staff), form)


@bp.post("/leave/<int:leave_id>/cancel")
@requires("account.own")
def cancel_leave(leave_id: int) -> ResponseReturnValue:
    """Take back days away."""
    person = require_person()
    try:
        services.cancel_leave(leave_id, staff_id=person.staff_id, actor=person.actor, now=clock.now())
    except LookupError:
        abort(404)
    say("Leave cancelled.", "What is meant for you comes to you again.")
    return redirect(url_for("own_account.show"), code=303)


@bp.route("/password", methods=["GET", "POST"])
@requires("account.own")
def change_password() -> ResponseReturnValue:
    """Change one's own password; every other browser is signed out."""
    form = ChangePasswordForm()
    forced = require_person().must_change_password
    if form.validate_on_submit():
        try:
            return _changed(form.current.data, form.new.data)
        except RefusedError as error:
            form.refuse(error.message, error.field)
    # The name is for password managers, which keep it with the new password.
    username = _own_staff().username
    page = render_template("accounts/change_password.html", form=form, forced=forced, username=username)
    return page, 422 if form.errors else 200


def _changed(current: str, new: str) -> ResponseReturnValue:
    """Change the password and give this browser a session anew, since all were ended."""
    person, now = require_person(), sign_in_now()
    services.change_password(person.staff_id, current=current, new=new, actor=person.actor, now=now)
    new_token = sessions.open_session(
        _own_staff(), now=now, longest=longest_stay(), is_proven=person.is_proven
    )
    response = current_app.make_response(redirect(url_for("accounts.home"), code=303))
    give_token(response, new_token)
    say("Password changed. Any other browser you were signed in with is signed out.")
    return response


@bp.post("/sessions/<int:sign_in_id>/end")
@requires("account.own")
def end_session(sign_in_id: int) -> ResponseReturnValue:
    """Sign another browser of one's own out."""
    person = require_person()
    ended = sessions.end_sessions_of(
        person.staff_id,
        "elsewhere",
        actor=person.actor,
        now=sign_in_now(),
        only=sign_in_id,
        but=person.session_id,
    )
    if not ended:
        abort(404)
    say("That browser is signed out.")
    return redirect(url_for("own_account.show"), code=303)


@bp.post("/sessions/end-others")
@requires("account.own")
def end_others() -> ResponseReturnValue:
    """Sign every other browser of one's own out."""
    person = require_person()
    sessions.end_sessions_of(
        person.staff_id, "elsewhere", actor=person.actor, now=sign_in_now(), but=person.session_id
    )
    say("Every other browser is signed out.", "This one stays signed in.")
    return redirect(url_for("own_account.show"), code=303)


def _own_staff() -> Staff:
    staff = queries.staff_by_id(require_person().staff_id)
    if staff is None:
        abort(404)
    return staff


def _deputy_form(staff: Staff) -> DeputyForm:
    return DeputyForm.for_colleagues(queries.possible_deputies(staff), staff.deputy_id)


def _deputy_name(deputy_id: int | None) -> str | None:
    deputy = queries.staff_by_id(deputy_id) if deputy_id else None
    return deputy.name if deputy else None


def _deputy_follows(deputy_id: int | None) -> str:
    who = _deputy_name(deputy_id) or "the whole team"
    return f"On days you are away, what is meant for you goes to {who}."


def _page(staff: Staff, deputy_form: DeputyForm, leave_form: LeaveForm) -> ResponseReturnValue:
    page = render_template(
        "accounts/own_account.html",
        staff=staff,
        deputy_name=_deputy_name(staff.deputy_id),
        deputy_form=deputy_form,
        leave_form=leave_form,
        leave=queries.leave_of(staff.id, _today()),
        sessions=_sessions_with_age(staff.id),
        asks_for_codes=asks_for_codes(),
        events=queries.account_events(staff.id),
        event_words=event_words,
        this_session_id=require_person().session_id,
    )
    return page, 422 if deputy_form.errors or leave_form.errors else 200


def _sessions_with_age(staff_id: int) -> list[tuple[SignInSession, str]]:
    """Pair one's sessions with how long ago they were used, by the clock they are measured with."""
    now = sign_in_now()
    rows = queries.live_sessions(staff_id, now=now, idle=idle_limit())
    return [(row, ago_words(row.last_seen_at, now)) for row in rows]


#: What happened to an account, in words for its owner.
_EVENT_WORDS = {
    "signed_in": "You signed in",
    "sign_in_refused": "A sign-in was refused",
    "password_changed": "You changed your password",
    "password_reset": "{actor} gave you a one-time password",
    "role_changed": "{actor} changed what your account is for",
    "staff_enabled": "{actor} enabled your account",
    "code_app_set_up": "You set up an app for sign-in codes",
    "code_app_changed": "You took your app away to set up another",
    "code_app_reset": "{actor} took your app and recovery codes away",
    "recovery_codes_made": "You made new recovery codes",
    "recovery_code_used": "A recovery code was used",
    "calendar_feed_made": "You made a calendar address",
    "calendar_feed_revoked": "You revoked your calendar address",
}


def event_words(event: AuditEntry) -> str:
    """Say what happened to one's account, and who did it when that was somebody else."""
    return _EVENT_WORDS[event.event].format(actor=event.actor_name)


def _today() -> date:
    return local_date(clock.now())
