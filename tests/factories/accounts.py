"""Staff and signed-in browsers for tests."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count

from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.passwords import hash_password
from programme_tracker.accounts.second_factors import add_source
from programme_tracker.accounts.sessions import open_session
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.web.identity import cookie_name, longest_stay, sign_in_now

#: Every invented account's password.
PASSWORD = "three unrelated words"

#: The secret that an invented app shares with us.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

_numbers = count(1)


@cache
def _password_hash() -> str:
    return hash_password(PASSWORD)


def make_staff(
    role: Role = Role.CASEWORKER,
    *,
    username: str | None = None,
    name: str | None = None,
    also_role: Role | None = None,
    deputy_id: int | None = None,
    is_active: bool = True,
    must_change_password: bool = False,
) -> Staff:
    """Add an account whose password is ``PASSWORD``, quickly; needs an application context."""
    username = username or f"{role.value}{next(_numbers)}"
    with transaction():
        staff = Staff(
            username=username,
            name=name or username.replace("_", " ").title(),
            role=role,
            also_role=also_role,
            password_hash=_password_hash(),
            must_change_password=must_change_password,
            is_active=is_active,
            deputy_id=deputy_id,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        db.session.add(staff)
    return staff


def set_up_app(staff: Staff, secret: str = SECRET) -> None:
    """Give somebody an app for sign-in codes, shown to work; needs an application context."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    with transaction():
        add_source(staff.id, secret, now=since).confirmed_at = since


def client_of(app: Flask, staff: Staff, *, longest: timedelta | None = None) -> FlaskClient:
    """Give a browser of its own in which somebody is signed in; needs an application context."""
    client = app.test_client()
    now = sign_in_now()
    token = open_session(staff, now=now, longest=longest or longest_stay(), is_proven=True)
    client.set_cookie(cookie_name(), token)
    return client
