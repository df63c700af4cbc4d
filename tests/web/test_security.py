from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.app import LARGEST_REQUEST, create_app
from programme_tracker.config import load_settings
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.web.access import public
from tests.factories.accounts import PASSWORD, client_of, make_staff

if TYPE_CHECKING:
    from tests.stores import Store


@pytest.fixture
def https_app(store: "Store", clock: SettableClock, tmp_path: Path) -> Iterator[Flask]:
    """Give the application as it stands behind one proxy that speaks TLS."""
    environ = {
        "PT_DEMO": "1",
        "PT_DATABASE_URL": store.url,
        "PT_INSTANCE_PATH": str(tmp_path / "instance"),
        "PT_PUBLIC_URL": "https://tracker.example.org",
        "PT_TRUSTED_PROXIES": "1",
    }
    app = create_app(load_settings(environ), clock)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def signed_in(app: Flask) -> FlaskClient:
    """Give a browser in which a caseworker is signed in."""
    with app.app_context():
        return client_of(app, make_staff())


@pytest.mark.parametrize("path", ["/sign-in", "/account/", "/absent", "/health/live"])
def test_headers_on_every_page(signed_in: FlaskClient, path: str) -> None:
    headers = signed_in.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_static_files_may_be_kept(client: FlaskClient) -> None:
    with client.get("/bootstrap/static/css/bootstrap.min.css") as response:
        assert response.status_code == 200
        assert response.headers["Cache-Control"] != "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_cookies_are_kept_from_scripts_and_other_sites(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make_staff(username="sam")
    app.config["WTF_CSRF_ENABLED"] = True
    form = client.get("/sign-in")
    token = form.text.split('name="csrf_token" value="')[1].split('"')[0]
    entered = client.post("/sign-in", data={"username": "sam", "password": PASSWORD, "csrf_token": token})
    cookies = form.headers.getlist("Set-Cookie") + entered.headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"pt_form", "pt_sign_in"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_https_makes_cookies_secure_and_transport_strict(https_app: Flask) -> None:
    with https_app.app_context():
        make_staff(username="sam")
    client = https_app.test_client()
    base = {"base_url": "https://tracker.example.org", "headers": {"Referer": "https://tracker.example.org/"}}
    page = client.get("/sign-in", **base)
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    data = {"username": "sam", "password": PASSWORD, "csrf_token": token}
    entered = client.post("/sign-in", data=data, **base)
    assert entered.status_code == 303
    for cookie in page.headers.getlist("Set-Cookie") + entered.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie


def test_strange_host_is_refused(client: FlaskClient) -> None:
    response = client.get("/sign-in", headers={"Host": "evil.com"})
    assert response.status_code == 400
    assert "evil.com" not in response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_forwarded_host_counts_only_behind_a_proxy(https_app: Flask, client: FlaskClient) -> None:
    forged = {"X-Forwarded-Host": "evil.com"}
    assert client.get("/sign-in", headers=forged).status_code == 200
    behind = https_app.test_client().get("/sign-in", base_url="https://tracker.example.org", headers=forged)
    assert behind.status_code == 400


def test_too_large_a_request_is_refused(client: FlaskClient) -> None:
    response = client.post("/sign-in", data={"username": "a" * (LARGEST_REQUEST + 1)})
    assert response.status_code == 413


def test_failing_view_shows_a_calm_page_without_the_reason(
    app: Flask, signed_in: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> str:
        raise ValueError("Sam Example, 07700 900101")

    app.add_url_rule("/fail", "fail", public(fail))
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    response = signed_in.get("/fail")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.text
    logged = capsys.readouterr().err
    assert "ValueError" in logged
    for text in (response.text, logged):
        assert "Sam Example" not in text
        assert "07700" not in text


def test_refusal_that_no_page_shows_gets_a_page_of_its_own(app: Flask, signed_in: FlaskClient) -> None:
    def refuse() -> str:
        raise RefusedError(Code.FULL, "That workshop is full. Choose another.")

    app.add_url_rule("/refuse", "refuse", public(refuse))
    page = signed_in.get("/refuse")
    assert page.status_code == 409
    assert "That workshop is full. Choose another." in page.text
    answer = signed_in.get("/refuse", headers={"Accept": "application/json"})
    assert answer.json == {"error": "full", "message": "That workshop is full. Choose another."}


def test_request_log_holds_ids_and_nothing_typed(
    signed_in: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    signed_in.get("/account/?q=O'Brien")
    assert "own_account.show" in caplog.text
    assert "staff_id" in caplog.text
    assert "O'Brien" not in caplog.text
    assert "Caseworker" not in caplog.text


def test_health_live_and_ready(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "ok"}
    assert client.get("/health/ready").json == {"status": "ok", "sending": "on"}


def test_health_ready_says_when_the_database_is_behind(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("programme_tracker.kernel.migration.head", lambda: "later")
    assert client.get("/health/ready").status_code == 503
