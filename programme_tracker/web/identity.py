"""Who is signed in: read from the server-side session that the cookie's token opens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from flask import Flask, Request, Response, current_app, request, session
from flask_login import LoginManager, current_user

from programme_tracker.accounts import queries, sessions
from programme_tracker.accounts.models import SignInSession, Staff
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.clock import Clock

_CLOCK = "programme_tracker.sign_in_clock"


Step = Literal["code", "password", "app"]


@dataclass(frozen=True)
class Person:
    """The member of staff behind a request, as the templates' ``current_user`` and as an actor."""

    staff_id: int
    name: str
    roles: frozenset[Role]
    session_id: int
    must_change_password: bool
    #: What must be done before anything else: give the code, choose a password, set up an app.
    step: Step | None = None
    is_proven: bool = False
    is_authenticated: bool = True

    @property
    def actor(self) -> Actor:
        """The person as every write and the audit trail name them."""
        return Actor(staff_id=self.staff_id, name=self.name, roles=self.roles)


def init_identity(app: Flask, clock: Clock) -> None:
    """Read who is signed in from the token cookie; ``clock`` measures idling and the longest stay.

    It is a clock of its own so that moving the demo's time does not sign everybody out.
    """
    app.extensions[_CLOCK] = clock
    logins = LoginManager()
    # Flask-Login's own cookie and session keys outlive a sign-out, so only its loader is used.
    logins.session_protection = None
    logins.request_loader(_load_person)
    logins.init_app(app)


def sign_in_now() -> datetime:
    """Return the present instant by the clock that sign-ins are measured with."""
    return cast(Clock, current_app.extensions[_CLOCK]).now()


def idle_limit() -> timedelta:
    """Return how long a sign-in lives without a request."""
    return timedelta(minutes=current_settings().session_idle_minutes)


def longest_stay() -> timedelta:
    """Return how long a sign-in lives at the most."""
    return timedelta(hours=current_settings().session_hours)


def _load_person(request: Request) -> Person | None:
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    moment = sign_in_now()
    found = queries.signed_in(token, now=moment, idle=idle_limit())
    if found is None:
        return None
    row, staff = found
    person = Person(
        staff_id=staff.id,
        name=staff.name,
        roles=staff.roles,
        session_id=row.id,
        must_change_password=staff.must_change_password,
        step=_step(row, staff),
        is_proven=row.is_proven,
    )
    sessions.keep_alive(row, now=moment)
    return person


def asks_for_codes() -> bool:
    """Tell whether a code follows the password: always, but in demo mode with its invented people."""
    return not current_settings().demo


def _step(row: SignInSession, staff: Staff) -> Step | None:
    """Say what somebody must do before anything else: a code, then a password of their own, then an app."""
    if asks_for_codes() and not row.is_proven:
        if queries.confirmed_source(staff.id) is not None:
            return "code"
        return "password" if staff.must_change_password else "app"
    return "password" if staff.must_change_password else None


def current_person() -> Person | None:
    """Return who is signed in, or None."""
    return cast(Person, current_user) if current_user.is_authenticated else None


def require_person() -> Person:
    """Return who is signed in; raise RuntimeError on a page that asks for no sign-in."""
    person = current_person()
    if person is None:
        raise RuntimeError("nobody is signed in here")
    return person


def current_actor() -> Actor:
    """Return who acts in this request; raise RuntimeError on a page that asks for no sign-in."""
    return require_person().actor


def is_https() -> bool:
    """Tell whether people reach this installation over TLS."""
    return current_settings().public_url.startswith("https://")


def cookie_name() -> str:
    """Name the token's cookie; over TLS a neighbouring host name cannot set one of this name."""
    return "__Host-pt_sign_in" if is_https() else "pt_sign_in"


def token() -> str:
    """Return the token that the browser sent, or an empty string."""
    return request.cookies.get(cookie_name(), "")


def give_token(response: Response, new_token: str) -> Response:
    """Hand the browser its token, and begin its form session anew."""
    session.clear()
    response.set_cookie(cookie_name(), new_token, secure=is_https(), httponly=True, samesite="Lax", path="/")
    return response


def take_token(response: Response) -> Response:
    """Take the token out of the browser."""
    response.delete_cookie(cookie_name(), secure=is_https(), httponly=True, samesite="Lax", path="/")
    return response
