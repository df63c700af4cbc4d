"""One chooses how one is alerted, and where, with the password."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.accounts.queries import staff_by_username
from programme_tracker.alerts.queries import wishes_of
from programme_tracker.alerts.rules import Wishes
from programme_tracker.alerts.services import note_failing
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.messaging.rules import Channel
from tests.factories.accounts import PASSWORD, client_of, make_staff

ADDRESSES = {"email": "vera@example.org", "mobile": "07700 900950", "password": PASSWORD}


@pytest.fixture
def vera(app: Flask) -> FlaskClient:
    """Give a browser in which a victim-safety worker is signed in."""
    with app.app_context():
        return client_of(app, make_staff(Role.VICTIM_SAFETY, username="vera"))


def test_choices_are_kept_and_shown(app: Flask, vera: FlaskClient) -> None:
    answer = vera.post(
        "/account/alerts/choices", data={"urgent": ["text"], "digest": "15"}, follow_redirects=True
    )
    assert "Alerts saved." in answer.text
    with app.app_context():
        staff = staff_by_username("vera")
        assert staff is not None
        assert wishes_of(staff.id) == Wishes(urgent_by_email=False, urgent_by_text=True, digest_hour=15)
    vera.post("/account/alerts/choices", data={"urgent": ["email"], "digest": "never"})
    with app.app_context():
        assert wishes_of(staff.id).digest_hour is None


def test_tick_boxes_are_not_called_optional(vera: FlaskClient) -> None:
    form = vera.get("/account/alerts/").text.split('aria-label="How you are alerted"')[1].split("</form>")[0]
    assert "(optional)" not in form


def test_both_ways_off_is_refused_to_those_who_must_hear(vera: FlaskClient) -> None:
    answer = vera.post("/account/alerts/choices", data={"digest": "9"})
    assert answer.status_code == 422
    assert "what is urgent must reach you" in answer.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "wrong"}, "That is not your password"),
        ({"password": ""}, "Enter your password"),
        ({"email": "vera"}, "Enter an email address"),
        ({"mobile": "01632 960001"}, "not a telephone number"),
    ],
)
def test_wrong_address_or_password_changes_nothing(
    app: Flask, vera: FlaskClient, typed: dict[str, str], said: str
) -> None:
    answer = vera.post("/account/alerts/addresses", data=ADDRESSES | typed)
    assert answer.status_code == 422
    assert said in answer.text
    with app.app_context():
        staff = staff_by_username("vera")
        assert staff is not None and (staff.email, staff.mobile) == (None, None)


def test_failing_address_is_said_until_it_is_changed(
    app: Flask, vera: FlaskClient, clock: SettableClock
) -> None:
    vera.post("/account/alerts/addresses", data=ADDRESSES)
    with app.app_context():
        staff = staff_by_username("vera")
        assert staff is not None and staff.mobile == "+447700900950"
        note_failing(staff.id, Channel.EMAIL, now=clock.now())
        admin = client_of(app, make_staff(Role.ADMIN))
        address = f"/staff/{staff.id}/addresses"
    assert "Mail does not arrive." in vera.get("/account/alerts/").text
    assert "Mail does not arrive." in admin.get(address).text
    moved = {"email": "vera@elsewhere.example.org", "mobile": "07700 900950"}
    assert admin.post(address, data=moved).status_code == 303
    assert "Mail does not arrive." not in vera.get("/account/alerts/").text


def test_mails_of_the_demonstration_have_their_page(vera: FlaskClient) -> None:
    assert "No mail has gone yet." in vera.get("/demo/mails").text
