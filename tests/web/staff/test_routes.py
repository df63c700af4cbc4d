import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import staff_by_username
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from tests.factories.accounts import PASSWORD, client_of, make_staff

NEW = {"name": "Siân O'Brien-Łukasz", "username": " Sian.OBrien ", "work": "facilitator_and_caseworker"}


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """Give a browser in which an administrator is signed in; account 1 is theirs, 2 an officer's."""
    with app.app_context():
        client = client_of(app, make_staff(Role.ADMIN, name="Ada Admin"))
        make_staff(Role.POLICE, username="pat", name="Pat O'Neill-Łukasz")
        return client


def test_accounts_are_listed_with_what_they_are_for(admin: FlaskClient) -> None:
    text = admin.get("/staff/").text
    assert "Pat O&#39;Neill-Łukasz" in text and "Police" in text and "Active" in text


def test_new_account_signs_in_with_the_password_that_is_shown_once(app: Flask, admin: FlaskClient) -> None:
    response = admin.post("/staff/new", data=NEW)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    shown = re.search(r"<code>([a-z0-9-]+)</code>", response.text)
    assert shown is not None
    client = app.test_client()
    client.post("/sign-in", data={"username": "sian.obrien", "password": shown[1]})
    assert client.get("/today").location == "/account/password"
    with app.app_context():
        staff = staff_by_username("sian.obrien")
        assert staff is not None and staff.roles == {Role.FACILITATOR, Role.CASEWORKER}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Enter the full name"),
        ({**NEW, "username": "PAT"}, "Another account has that sign-in name"),
        ({**NEW, "work": "everything"}, "Choose what"),
    ],
)
def test_account_that_cannot_be_added_keeps_what_was_typed(
    admin: FlaskClient, typed: dict[str, str], said: str
) -> None:
    response = admin.post("/staff/new", data=typed)
    assert response.status_code == 422
    assert said in response.text
    if typed:
        assert "Siân O&#39;Brien-Łukasz" in response.text


def test_reset_password_replaces_the_old_one_and_ends_sessions(app: Flask, admin: FlaskClient) -> None:
    with app.app_context():
        officer = client_of(app, db.session.get_one(Staff, 2))
    response = admin.post("/staff/2/password")
    assert "<code>" in response.text
    assert officer.get("/today").status_code == 303
    refused = app.test_client().post("/sign-in", data={"username": "pat", "password": PASSWORD})
    assert refused.status_code == 422


def test_disabled_account_is_signed_out_and_can_be_enabled(app: Flask, admin: FlaskClient) -> None:
    with app.app_context():
        officer = client_of(app, db.session.get_one(Staff, 2))
    assert "signed out everywhere" in admin.post("/staff/2/disable", follow_redirects=True).text
    assert officer.get("/today").status_code == 303
    assert "Account enabled" in admin.post("/staff/2/enable", follow_redirects=True).text
    with app.app_context():
        assert db.session.get_one(Staff, 2).is_active


def test_work_changed_signs_out_and_is_shown(app: Flask, admin: FlaskClient) -> None:
    response = admin.post("/staff/2/work", data={"work": "manager"}, follow_redirects=True)
    assert "signed out" in response.text
    with app.app_context():
        assert db.session.get_one(Staff, 2).roles == {Role.MANAGER}
    assert admin.post("/staff/2/work", data={}).status_code == 422


def test_own_account_is_for_another_administrator(app: Flask, admin: FlaskClient) -> None:
    assert "Another administrator" in admin.get("/staff/1").text
    assert "Another administrator" in admin.post("/staff/1/disable", follow_redirects=True).text
    assert admin.post("/staff/1/work", data={"work": "manager"}).status_code == 422
    with app.app_context():
        own = db.session.get_one(Staff, 1)
        assert own.is_active and own.roles == {Role.ADMIN}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_accounts_are_for_administrators_alone(app: Flask, role: Role) -> None:
    with app.app_context():
        client = client_of(app, make_staff(role))
    for path in ("/staff/", "/staff/new", "/staff/1"):
        assert client.get(path).status_code == 404
    assert client.post("/staff/1/password").status_code == 404


def test_account_that_does_not_exist_is_not_there(admin: FlaskClient) -> None:
    assert admin.get("/staff/99").status_code == 404
    assert admin.post("/staff/99/disable").status_code == 404
