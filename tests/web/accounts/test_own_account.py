import pytest
from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.kernel.actor import Role
from tests.factories.accounts import PASSWORD, client_of, make_staff

NEW = {"new": "kettle ocean lamp", "again": "kettle ocean lamp"}


@pytest.fixture
def signed_in(app: Flask) -> FlaskClient:
    """Give a browser in which a caseworker is signed in who has one colleague."""
    with app.app_context():
        make_staff(Role.CASEWORKER, name="Bea D’Arcy-Łukasiewicz")
        return client_of(app, make_staff(Role.CASEWORKER, username="sam"))


def days(first: str, last: str) -> dict[str, str]:
    parts = ("day", "month", "year")
    return {
        f"{name}-{part}": value
        for name, typed in (("from_on", first), ("to_on", last))
        for part, value in zip(parts, typed.split(), strict=True)
    }


def test_forced_change_of_password_comes_before_everything(app: Flask) -> None:
    with app.app_context():
        client = client_of(app, make_staff(must_change_password=True))
    for path in ("/", "/account/", "/absent"):
        assert client.get(path).location == "/account/password"
    assert "a password of your own first" in client.get("/account/password").text
    assert client.post("/account/deputy", data={"deputy": "nobody"}).location == "/account/password"
    client.post("/account/password", data={"current": PASSWORD, **NEW})
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"current": "wrong", **NEW}, "not your present password"),
        ({"current": PASSWORD, "new": "short", "again": "short"}, "at least 12 characters"),
        ({"current": PASSWORD, "new": "kettle ocean lamp", "again": "kettle"}, "differ"),
        ({}, "Enter a new password"),
    ],
)
def test_change_of_password_refused_says_why(
    signed_in: FlaskClient, typed: dict[str, str], said: str
) -> None:
    response = signed_in.post("/account/password", data=typed)
    assert response.status_code == 422
    assert said in response.text


def test_deputy_saved_says_what_follows(signed_in: FlaskClient) -> None:
    response = signed_in.post("/account/deputy", data={"deputy": "1"}, follow_redirects=True)
    assert "On days you are away, what is meant for you goes to Bea D’Arcy-Łukasiewicz." in response.text
    response = signed_in.post("/account/deputy", data={"deputy": "nobody"}, follow_redirects=True)
    assert "goes to the whole team" in response.text


@pytest.mark.parametrize("deputy", ["2", "999", "x", ""])
def test_deputy_refused_when_not_offered(signed_in: FlaskClient, deputy: str) -> None:
    assert signed_in.post("/account/deputy", data={"deputy": deputy}).status_code == 422


def test_leave_saved_shown_and_cancelled(signed_in: FlaskClient) -> None:
    saved = signed_in.post("/account/leave", data=days("7 9 2026", "11 9 2026"), follow_redirects=True)
    assert "Mon 7 Sep" in saved.text
    assert "Fri 11 Sep" in saved.text
    cancelled = signed_in.post("/account/leave/1/cancel", follow_redirects=True)
    assert "No days away are noted." in cancelled.text
    assert signed_in.post("/account/leave/1/cancel").status_code == 404


def test_leave_refused_when_it_ends_before_it_starts(signed_in: FlaskClient) -> None:
    response = signed_in.post("/account/leave", data=days("11 9 2026", "7 9 2026"))
    assert response.status_code == 422
    assert "The last day is before the first" in response.text
    assert 'value="2026"' in response.text


def test_leave_of_somebody_else_is_not_there(app: Flask, signed_in: FlaskClient) -> None:
    signed_in.post("/account/leave", data=days("7 9 2026", "11 9 2026"))
    with app.app_context():
        other = client_of(app, make_staff())
    assert other.post("/account/leave/1/cancel").status_code == 404
    assert "Mon 7 Sep" in signed_in.get("/account/").text


def test_account_lists_ones_sessions(app: Flask, signed_in: FlaskClient) -> None:
    page = signed_in.get("/account/").text
    assert page.count("This one") == 1
    assert "Another one" not in page
