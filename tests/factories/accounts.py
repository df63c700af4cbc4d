"""Staff and signed-in browsers for tests."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count

from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.passwords import hash_password
from programme_tracker.accounts.sessions import open_session
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.web.identity import cookie_name, longest_stay, sign_in_now

#: Every invented account's password.
PASSWORD = "three unrelated words"

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


def client_of(app: Flask, staff: Staff, *, longest: timedelta | None = None) -> FlaskClient:
    """Give a browser of its own in which somebody is signed in; needs an application context."""
    client = app.test_client()
    token = open_session(staff, now=sign_in_now(), longest=longest or longest_stay())
    client.set_cookie(cookie_name(), token)
    return client
