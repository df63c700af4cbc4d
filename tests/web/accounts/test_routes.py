import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from programme_tracker.accounts import services
from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.actor import SYSTEM, Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from tests.factories.accounts import PASSWORD, make_staff

COOKIE = "pt_sign_in"


@pytest.fixture
def staff_id(app: Flask) -> int:
    """Add a caseworker called sam."""
    with app.app_context():
        return make_staff(Role.CASEWORKER, username="sam", name="Sam O’Łoś").id


def enter(client: FlaskClient, username: str = "sam", password: str = PASSWORD, **more: str) -> int:
    return client.post("/sign-in", data={"username": username, "password": password, **more}).status_code


def is_in(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 200


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def replay(app: Flask, cookie: str) -> FlaskClient:
    thief = app.test_client()
    thief.set_cookie(COOKIE, cookie)
    return thief


@pytest.mark.usefixtures("staff_id")
def test_sign_in_shows_who_is_signed_in(client: FlaskClient) -> None:
    assert enter(client, " SAM ") == 303
    assert "Sam O’Łoś" in client.get("/account/").text


@pytest.mark.usefixtures("staff_id")
@pytest.mark.parametrize(
    ("username", "password"), [("sam", "wrong"), ("nobody", PASSWORD), ("", ""), ("sam", "x" * 300)]
)
def test_sign_in_refused_keeps_the_name_but_not_the_password(
    client: FlaskClient, username: str, password: str
) -> None:
    response = client.post("/sign-in", data={"username": username, "password": password})
    assert response.status_code == 422
    assert f'value="{username}"' in response.text
    assert not password or f'value="{password}"' not in response.text
    assert not is_in(client)


@pytest.mark.usefixtures("staff_id")
def test_sign_in_refused_says_the_same_for_unknown_wrong_locked_and_disabled(
    app: Flask, client: FlaskClient, clock: SettableClock
) -> None:
    with app.app_context():
        make_staff(username="gone", is_active=False)

    def said(username: str, password: str) -> str:
        response = client.post("/sign-in", data={"username": username, "password": password})
        # The form's token holds the second in which it was made.
        page = re.sub(r'name="csrf_token" value="[^"]+"', "", response.text)
        return page.replace(f'value="{username}"', "")

    pages = {said("nobody", "wrong"), said("gone", PASSWORD), *(said("sam", "wrong") for _ in range(6))}
    pages.add(said("sam", PASSWORD))
    assert len(pages) == 1
    clock.advance(timedelta(seconds=30))
    assert enter(client) == 303


@pytest.mark.usefixtures("staff_id")
def test_sign_in_while_signed_in_ends_the_session_before(app: Flask, client: FlaskClient) -> None:
    enter(client)
    old = cookie_of(client)
    assert client.get("/sign-in").location == "/"
    assert enter(client) == 303
    assert cookie_of(client) != old
    assert is_in(client)
    assert not is_in(replay(app, old))


@pytest.mark.usefixtures("staff_id")
@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/account/password", "/account/password"),
        ("https:///evil.com", "/"),
        ("////evil.com", "/"),
        ("", "/"),
    ],
)
def test_sign_in_leads_on_to_own_pages_only(client: FlaskClient, wanted: str, led: str) -> None:
    form = client.get("/sign-in", query_string={"next": wanted})
    assert "evil" not in form.text
    response = client.post("/sign-in", data={"username": "sam", "password": PASSWORD, "next": wanted})
    assert response.location == led


def sign_out(app: Flask, client: FlaskClient, staff: Staff, clock: SettableClock) -> None:
    assert client.post("/sign-out").status_code == 303


def sign_out_everywhere(app: Flask, client: FlaskClient, staff: Staff, clock: SettableClock) -> None:
    assert client.post("/sign-out/everywhere").status_code == 303


def change_password(app: Flask, client: FlaskClient, staff: Staff, clock: SettableClock) -> None:
    new = {"new": "kettle ocean lamp", "again": "kettle ocean lamp"}
    assert client.post("/account/password", data={"current": PASSWORD, **new}).status_code == 303
    assert is_in(client), "this browser goes on with a token of its own"


def change_role(app: Flask, client: FlaskClient, staff: Staff, clock: SettableClock) -> None:
    services.change_role(staff.id, Role.POLICE, actor=SYSTEM, now=clock.now())


def disable(app: Flask, client: FlaskClient, staff: Staff, clock: SettableClock) -> None:
    services.disable_staff(staff.id, actor=SYSTEM, now=clock.now())


def reset(app: Flask, client: FlaskClient, staff: Staff, clock: SettableClock) -> None:
    services.reset_password(staff.id, actor=SYSTEM, now=clock.now())


def wait_idle(app: Flask, client: FlaskClient, staff: Staff, clock: SettableClock) -> None:
    clock.advance(timedelta(minutes=15))


Ending = Callable[[Flask, FlaskClient, Staff, SettableClock], None]


@pytest.mark.parametrize(
    "end", [sign_out, sign_out_everywhere, change_password, change_role, disable, reset, wait_idle]
)
def test_replayed_cookie_is_refused_on_the_next_request(
    app: Flask, client: FlaskClient, clock: SettableClock, staff_id: int, end: Ending
) -> None:
    enter(client)
    cookie = cookie_of(client)
    assert is_in(replay(app, cookie))
    with app.app_context():
        staff = db.session.get_one(Staff, staff_id)
        end(app, client, staff, clock)
    assert not is_in(replay(app, cookie))


@pytest.mark.usefixtures("staff_id")
def test_session_cookie_that_ended_is_taken_out_and_says_so(
    client: FlaskClient, clock: SettableClock
) -> None:
    enter(client)
    clock.advance(timedelta(minutes=15))
    response = client.get("/account/", follow_redirects=True)
    assert "You were signed out. Sign in again." in response.text
    assert client.get_cookie(COOKIE) is None


@pytest.mark.usefixtures("staff_id")
def test_stay_keeps_a_session_alive(client: FlaskClient, clock: SettableClock) -> None:
    enter(client)
    for _ in range(3):
        clock.advance(timedelta(minutes=14))
        assert client.get("/stay").status_code == 204
    assert is_in(client)


@pytest.mark.parametrize("name", ["remember_token", "pt_sign_in", "session"])
def test_forged_cookies_open_nothing(client: FlaskClient, staff_id: int, name: str) -> None:
    client.set_cookie(name, f"{staff_id}|forged")
    assert not is_in(client)


def test_home_leads_to_a_page_that_is_there(client: FlaskClient, staff_id: int) -> None:
    enter(client)
    assert client.get("/", follow_redirects=True).status_code == 200


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, staff_id: int) -> None:
    """Offer sam as a demo account."""
    sam = SimpleNamespace(
        username="sam", name="Sam O’Łoś", role=Role.CASEWORKER, password=PASSWORD, what_for="Books workshops."
    )
    monkeypatch.setattr("programme_tracker.web.accounts.routes.demo_accounts", lambda: [sam])
    monkeypatch.setattr("programme_tracker.web.accounts.demo.demo_accounts", lambda: [sam])


@pytest.mark.usefixtures("demo")
def test_demo_account_signs_in_with_one_tap(client: FlaskClient) -> None:
    assert "Books workshops." in client.get("/sign-in").text
    assert client.post("/sign-in/demo", data={"username": "sam"}).status_code == 303
    assert is_in(client)


@pytest.mark.usefixtures("demo")
def test_demo_account_with_another_password_is_not_let_in(client: FlaskClient, app: Flask) -> None:
    with app.app_context():
        staff = db.session.scalars(select(Staff)).one()
        services.reset_password(staff.id, actor=SYSTEM, now=staff.created_at)
    response = client.post("/sign-in/demo", data={"username": "sam"}, follow_redirects=True)
    assert "password was changed" in response.text
    assert not is_in(client)


@pytest.mark.usefixtures("demo")
def test_demo_sign_in_of_an_account_that_is_not_offered_is_not_there(client: FlaskClient) -> None:
    assert client.post("/sign-in/demo", data={"username": "admin"}).status_code == 404
