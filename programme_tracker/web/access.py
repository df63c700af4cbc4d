"""Who may open which page: deny by default.

Every view says which permission it needs; one check before every request refuses a view that
says nothing. Object rules ("own group", "own referral") are queries, not permissions.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from programme_tracker.accounts.queries import is_taken_back
from programme_tracker.kernel.actor import Role
from programme_tracker.web.addresses import safe_next
from programme_tracker.web.errors import wants_json
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import Step, current_actor, current_person, take_token, token
from programme_tracker.web.static_files import STATIC_ENDPOINTS

__all__ = ["EVERYBODY", "PERMISSIONS", "current_actor", "guard_every_request", "may", "public", "requires"]

EVERYBODY = frozenset(Role)

#: Every permission and who has it. A row here is a decision about who sees what (product.md §1).
PERMISSIONS: dict[str, frozenset[Role]] = {
    "account.own": EVERYBODY,
    "today.see": EVERYBODY,
    # Invented texts and the invented clock; both pages are absent outside demo mode.
    "demo.see": EVERYBODY,
    "referral.make": frozenset({Role.POLICE, Role.CASEWORKER, Role.MANAGER}),
    "referral.see": frozenset({Role.POLICE, Role.CASEWORKER, Role.VICTIM_SAFETY, Role.MANAGER}),
    "referral.decide": frozenset({Role.CASEWORKER, Role.MANAGER}),
    "gate.see": frozenset({Role.VICTIM_SAFETY, Role.MANAGER}),
    "gate.write": frozenset({Role.VICTIM_SAFETY}),
    "gate.waive": frozenset({Role.MANAGER}),
    # A manager reads a partner's file only through broken glass (workflows.visibility.partner_for).
    "partner.see": frozenset({Role.VICTIM_SAFETY, Role.MANAGER}),
    "partner.write": frozenset({Role.VICTIM_SAFETY}),
    "partner.break_glass": frozenset({Role.MANAGER}),
    "people.see": frozenset({Role.CASEWORKER, Role.VICTIM_SAFETY, Role.MANAGER}),
    "people.change": frozenset({Role.CASEWORKER, Role.MANAGER}),
    "enrolment.see": frozenset({Role.FACILITATOR, Role.CASEWORKER, Role.VICTIM_SAFETY, Role.MANAGER}),
    "enrolment.change": frozenset({Role.CASEWORKER, Role.VICTIM_SAFETY, Role.MANAGER}),
    "enrolment.looked": frozenset({Role.VICTIM_SAFETY}),
    "impact.see": frozenset({Role.CASEWORKER, Role.VICTIM_SAFETY, Role.MANAGER}),
    "impact.write": frozenset({Role.CASEWORKER, Role.MANAGER}),
    # Whoever tells victim safety something cannot read it again.
    "safety.tell": frozenset({Role.CASEWORKER, Role.MANAGER}),
    "session.see": frozenset({Role.FACILITATOR, Role.CASEWORKER, Role.MANAGER}),
    "session.make": frozenset({Role.CASEWORKER, Role.MANAGER}),
    "session.change": frozenset({Role.FACILITATOR, Role.CASEWORKER, Role.MANAGER}),
    "booking.make": frozenset({Role.CASEWORKER, Role.MANAGER}),
    "absence.waive": frozenset({Role.MANAGER}),
    "register.submit": frozenset({Role.FACILITATOR, Role.CASEWORKER, Role.MANAGER}),
    "register.correct": frozenset({Role.FACILITATOR, Role.CASEWORKER, Role.MANAGER}),
    "correction.decide": frozenset({Role.MANAGER}),
    "notice.see": frozenset(
        {Role.POLICE, Role.ENFORCEMENT, Role.VICTIM_SAFETY, Role.CASEWORKER, Role.MANAGER}
    ),
    "notice.acknowledge": frozenset({Role.POLICE, Role.ENFORCEMENT, Role.VICTIM_SAFETY}),
    "case.see": frozenset({Role.VICTIM_SAFETY, Role.CASEWORKER, Role.ENFORCEMENT, Role.MANAGER}),
    "case.decide": frozenset({Role.VICTIM_SAFETY}),
    "case.act": frozenset({Role.VICTIM_SAFETY, Role.CASEWORKER, Role.ENFORCEMENT, Role.MANAGER}),
    "case.cosign": frozenset({Role.MANAGER}),
    "case.danger": frozenset({Role.FACILITATOR, Role.CASEWORKER, Role.VICTIM_SAFETY, Role.MANAGER}),
    "police.decide": frozenset({Role.POLICE, Role.CASEWORKER, Role.MANAGER}),
    "flag.see": frozenset({Role.CASEWORKER, Role.VICTIM_SAFETY, Role.MANAGER}),
    "flag.clear": frozenset({Role.CASEWORKER, Role.VICTIM_SAFETY, Role.MANAGER}),
    "task.finish": frozenset(
        {Role.FACILITATOR, Role.CASEWORKER, Role.VICTIM_SAFETY, Role.ENFORCEMENT, Role.MANAGER}
    ),
    "text.read": frozenset({Role.CASEWORKER, Role.MANAGER}),
    "text.see": frozenset({Role.CASEWORKER, Role.VICTIM_SAFETY, Role.MANAGER}),
    "text.set_apart": frozenset({Role.VICTIM_SAFETY}),
    "text.settings": frozenset({Role.MANAGER}),
    "text.answer": frozenset({Role.CASEWORKER, Role.MANAGER}),
    "overdue.see": frozenset({Role.MANAGER}),
    "sending.hold": frozenset({Role.MANAGER}),
    "policy.see": frozenset({Role.MANAGER}),
    "policy.change": frozenset({Role.MANAGER}),
    "wording.change": frozenset({Role.MANAGER}),
    "monitoring.decide": frozenset({Role.ENFORCEMENT, Role.MANAGER}),
    "staff.see": frozenset({Role.ADMIN}),
    "person.erase": frozenset({Role.MANAGER}),
    # Whoever is ill cannot note it themselves.
    "leave.record": frozenset({Role.MANAGER, Role.ADMIN}),
    "trail.see": frozenset({Role.MANAGER}),
}

#: What must be done before anything else → the page where it is done.
_STEPS: dict[Step, str] = {
    "code": "codes.give",
    "password": "own_account.change_password",
    "app": "codes.set_up",
}

_PERMISSION = "permission_needed"
_PUBLIC = "open_to_all"

View = TypeVar("View", bound=Callable[..., Any])


def requires(permission: str) -> Callable[[View], View]:
    """Mark a view as open to those who have ``permission``, a row of ``PERMISSIONS``.

    Above or below the route's own decorator makes no difference: the mark is on the function.
    """

    def mark(view: View) -> View:
        setattr(view, _PERMISSION, permission)
        return view

    return mark


def public(view: View) -> View:
    """Mark a view as open to people who are not signed in."""
    setattr(view, _PUBLIC, True)
    return view


def is_public(endpoint: str | None) -> bool:
    """Tell whether an endpoint is open to people who are not signed in."""
    view = current_app.view_functions.get(endpoint or "")
    return endpoint in STATIC_ENDPOINTS or getattr(view, _PUBLIC, False)


def permission_needed(endpoint: str | None) -> str | None:
    """Return the permission an endpoint asks for, None when it says nothing or is not there."""
    return getattr(current_app.view_functions.get(endpoint or ""), _PERMISSION, None)


def may(permission: str | None) -> bool:
    """Tell whether the person signed in has a permission; an unknown one nobody has."""
    person = current_person()
    return person is not None and bool(person.roles & PERMISSIONS.get(permission or "", frozenset()))


def may_open(endpoint: str) -> bool:
    """Tell whether an endpoint exists and the person signed in may open it."""
    return may(permission_needed(endpoint))


def guard_every_request(app: Flask) -> None:
    """Refuse every request that no mark allows."""
    app.before_request(_guard)
    app.jinja_env.globals.update(may=may, may_open=may_open)


def _guard() -> ResponseReturnValue | None:
    problem = request.routing_exception
    if problem is not None and not isinstance(problem, NotFound):
        # A strange host, a wrong method, a missing slash: Flask answers these by itself.
        return None
    if is_public(request.endpoint):
        return None
    person = current_person()
    if person is None:
        return _ask_to_sign_in()
    if person.step is not None and request.endpoint not in {_STEPS[person.step], "accounts.sign_out"}:
        return _first(person.step)
    if not may(permission_needed(request.endpoint)):
        abort(404)
    return None


def _first(step: Step) -> ResponseReturnValue:
    """Lead to what must be done before anything else, and back afterwards."""
    if wants_json():
        return {"error": "signed_out", "message": "Finish signing in first. Nothing was saved."}, 401
    wanted = safe_next(request.full_path.rstrip("?")) if request.method in {"GET", "HEAD"} else None
    keeps = step != "password" and wanted not in {None, "/"}
    return redirect(url_for(_STEPS[step], next=wanted if keeps else None), code=303)


def _ask_to_sign_in() -> ResponseReturnValue:
    """Send an anonymous person to sign in, and back afterwards; a program is told 401.

    A page that is not there answers the same, so addresses tell nothing.
    """
    if wants_json():
        ended = is_taken_back(token())
        return {"error": "signed_out", "ended": ended, "message": "Sign in again. Nothing was saved."}, 401
    reading = request.method in {"GET", "HEAD"}
    # What the last person's pages left in the form session is not for the next one.
    session.clear()
    if not reading:
        say("You were signed out, so nothing was saved. Sign in and try again.", tone="warning")
    elif token():
        say("You were signed out. Sign in again.", tone="info")
    back = safe_next(request.full_path.rstrip("?") if reading else _came_from())
    address = url_for("accounts.sign_in", next=back if back != "/" else None)
    return take_token(current_app.make_response(redirect(address, code=303)))


def _came_from() -> str | None:
    """Return the path of the page a form was on, when that page is ours."""
    parts = urlsplit(request.referrer or "")
    return parts.path if parts.netloc == request.host else None
