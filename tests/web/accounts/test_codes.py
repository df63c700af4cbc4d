import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from programme_tracker.accounts.codes import code_at
from programme_tracker.accounts.models import CodeSource, Staff
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.web.addresses import safe_next
from tests.factories.accounts import PASSWORD, SECRET, client_of, make_staff, set_up_app

COOKIE = "pt_sign_in"
FORM = re.compile(r'name="csrf_token" value="[^"]*"')


@pytest.fixture
def desk(service: Flask) -> FlaskClient:
    """Give a browser; a caseworker called sam has an app, one called new has none yet."""
    with service.app_context():
        set_up_app(make_staff(username="sam"))
        make_staff(username="new", must_change_password=True)
    return service.test_client()


def enter(desk: FlaskClient, username: str = "sam", **more: str) -> str:
    answer = desk.post("/sign-in", data={"username": username, "password": PASSWORD, **more})
    assert answer.status_code == 303
    return str(answer.location)


def cookie_of(desk: FlaskClient) -> str:
    cookie = desk.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def test_password_alone_opens_nothing_but_the_page_for_the_code(desk: FlaskClient) -> None:
    enter(desk)
    for path in ("/today", "/account/", "/absent", "/people/", "/account/codes/set-up", "/account/password"):
        assert desk.get(path).location.startswith("/sign-in/code")
    assert desk.post("/account/deputy", data={"deputy": "nobody"}).location == "/sign-in/code"
    assert desk.get("/stay", headers={"Accept": "application/json"}).status_code == 401
    page = desk.get("/sign-in/code").text
    assert "Today</a>" not in page


def test_code_opens_the_page_that_was_wanted_and_turns_the_cookie(
    desk: FlaskClient, clock: SettableClock
) -> None:
    led = enter(desk, next="/account/password")
    asked = desk.get(led)
    assert asked.location == "/sign-in/code?next=/account/password"
    before = cookie_of(desk)
    form = desk.get(asked.location).text
    wanted = re.search(r'name="next" value="([^"]*)"', form)
    assert wanted is not None
    answer = desk.post("/sign-in/code", data={"code": code_at(SECRET, clock.now()), "next": wanted[1]})
    assert answer.location == "/account/password"
    assert cookie_of(desk) != before
    assert desk.get("/account/").status_code == 200
    desk.set_cookie(COOKIE, before)
    assert desk.get("/account/").location.startswith("/sign-in?")


@pytest.mark.parametrize("code", ["", "000000", "abcd-efgh-jkmn", "x" * 50, "１２３４５６"])
def test_code_refused_says_the_same_and_keeps_the_door_shut(desk: FlaskClient, code: str) -> None:
    enter(desk)
    assert desk.post("/sign-in/code", data={"code": code}).status_code == 422
    assert desk.get("/account/").location.startswith("/sign-in/code")


def test_code_refused_says_the_same_for_wrong_used_and_waiting(
    desk: FlaskClient, clock: SettableClock
) -> None:
    enter(desk)
    used = code_at(SECRET, clock.now())
    desk.post("/sign-in/code", data={"code": used})
    desk.post("/sign-out")
    enter(desk)
    said = [desk.post("/sign-in/code", data={"code": code}).text for code in (used, *["000000"] * 6)]
    fresh = code_at(SECRET, clock.now() + timedelta(seconds=30))
    pages = {FORM.sub("", page).replace(used, "").replace("000000", "") for page in said}
    assert len(pages) == 1
    assert desk.post("/sign-in/code", data={"code": fresh}).status_code == 422, "it waits"


def test_half_a_sign_in_ends_after_a_quarter_of_an_hour(desk: FlaskClient, clock: SettableClock) -> None:
    enter(desk)
    for _ in range(3):
        clock.advance(timedelta(minutes=5))
        desk.get("/sign-in/code")
    assert desk.get("/sign-in/code").location.startswith("/sign-in?")


def test_first_sign_in_asks_for_a_password_then_an_app_then_shows_recovery_codes(
    service: Flask, desk: FlaskClient, clock: SettableClock
) -> None:
    enter(desk, "new")
    assert desk.get("/today").location == "/account/password"
    new = {"new": "kettle ocean lamp", "again": "kettle ocean lamp"}
    desk.post("/account/password", data={"current": PASSWORD, **new})
    assert desk.get("/today").location == "/account/codes/set-up?next=/today"
    page = desk.get("/account/codes/set-up")
    assert page.text.count("<svg") >= 1
    assert " style=" not in page.text
    groups = re.search(r'qr-key"><code>([A-Z2-7 ]+)</code>', page.text)
    assert groups is not None
    secret = groups[1].replace(" ", "")
    assert desk.post("/account/codes/set-up", data={"code": "000000"}).status_code == 422
    before = cookie_of(desk)
    done = desk.post("/account/codes/set-up", data={"code": code_at(secret, clock.now()), "next": "/today"})
    codes = re.findall(r"<li><code>([a-z2-9-]{14})</code></li>", done.text)
    assert len(codes) == 8
    assert 'href="/today"' in done.text
    assert cookie_of(desk) != before
    assert desk.get("/account/codes/").status_code == 200
    assert all(code not in desk.get("/account/codes/").text for code in codes)
    with service.app_context():
        assert (
            secret
            not in db.session.scalars(select(CodeSource).where(CodeSource.staff_id == 2)).one().secret_sealed
        )
    desk.post("/sign-out")
    desk.post("/sign-in", data={"username": "new", "password": "kettle ocean lamp"})
    answer = desk.post("/sign-in/code", data={"code": codes[0]}, follow_redirects=True)
    assert "You used a recovery code. 7 left." in answer.text


def test_one_time_password_after_a_reset_still_asks_for_the_code_first(
    service: Flask, desk: FlaskClient, clock: SettableClock
) -> None:
    with service.app_context():
        set_up_app(make_staff(username="pat", must_change_password=True))
    enter(desk, "pat")
    assert desk.get("/account/password").location.startswith("/sign-in/code")
    desk.post("/sign-in/code", data={"code": code_at(SECRET, clock.now())})
    assert desk.get("/today").location == "/account/password"


def test_lost_phone_is_reset_by_an_administrator_and_its_owner_is_told(
    service: Flask, desk: FlaskClient, clock: SettableClock
) -> None:
    enter(desk)
    desk.post("/sign-in/code", data={"code": code_at(SECRET, clock.now())})
    with service.app_context():
        admin = client_of(service, make_staff(Role.ADMIN, name="Ada Ńowak"))
    page = admin.get("/staff/1").text
    assert "Take the app away" in page
    answer = admin.post("/staff/1/codes/reset", follow_redirects=True)
    assert "No app is set up yet" in answer.text
    assert desk.get("/account/").location.startswith("/sign-in?")
    enter(desk)
    told = desk.get("/account/codes/set-up").text
    assert "Ada Ńowak took your app away." in told
    with service.app_context():
        own = db.session.scalars(select(Staff).where(Staff.role == Role.ADMIN)).one()
    admin.post(f"/staff/{own.id}/codes/reset")
    assert admin.get("/account/").status_code == 200, "nobody resets their own"


def test_another_phone_needs_a_last_code_and_signs_others_out(
    service: Flask, desk: FlaskClient, clock: SettableClock
) -> None:
    enter(desk)
    desk.post("/sign-in/code", data={"code": code_at(SECRET, clock.now())})
    with service.app_context():
        other = client_of(service, db.session.get_one(Staff, 1))
    assert desk.post("/account/codes/change", data={"change-code": "000000"}).status_code == 422
    clock.advance(timedelta(seconds=31))
    fresh = desk.post("/account/codes/recovery", data={"fresh-code": code_at(SECRET, clock.now())})
    assert fresh.text.count("<li><code>") == 8
    clock.advance(timedelta(seconds=31))
    changed = desk.post("/account/codes/change", data={"change-code": code_at(SECRET, clock.now())})
    assert changed.location == "/account/codes/set-up"
    assert desk.get("/account/").location.startswith("/account/codes/set-up")
    assert other.get("/account/").location.startswith("/sign-in?")


def test_too_many_refusals_to_one_network_say_when_to_come_back(desk: FlaskClient) -> None:
    def knock(name: str) -> tuple[int, str]:
        answer = desk.post(
            "/sign-in",
            data={"username": name, "password": "wrong"},
            environ_base={"REMOTE_ADDR": "203.0.113.9"},
        )
        return answer.status_code, answer.headers.get("Retry-After", "")

    answers = [knock(f"name{number}") for number in range(22)]
    assert answers[20] == (422, "")
    assert answers[21] == (429, "30")
    assert knock("sam") == (429, "30")


def test_demo_has_no_pages_for_codes_and_says_so(app: Flask) -> None:
    with app.app_context():
        demo = client_of(app, make_staff())
    for path in ("/sign-in/code", "/account/codes/", "/account/codes/set-up"):
        assert demo.get(path).status_code == 404
    assert "no sign-in codes" in demo.get("/account/").text


@pytest.mark.parametrize(
    "target", ["https:///evil.com", "////evil.com", "/\\evil.com", "\\\\evil.com", "//evil.com", "/%0d\n/e"]
)
def test_next_of_the_code_page_leads_to_own_pages_only(
    desk: FlaskClient, clock: SettableClock, target: str
) -> None:
    assert safe_next(target) is None
    enter(desk)
    answer = desk.post("/sign-in/code", data={"code": code_at(SECRET, clock.now()), "next": target})
    assert answer.location == "/"
