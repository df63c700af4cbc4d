"""Bodies and addresses that no page of ours makes are answered like any wrong form."""

import io
import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.web.reading import LARGEST_ID, whole_number
from tests.factories.accounts import client_of, make_staff

LEAVE = {
    f"{end}-{part}": text for end in ("from_on", "to_on") for part, text in (("month", "1"), ("year", "2027"))
}


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    with app.app_context():
        return client_of(app, make_staff(Role.MANAGER))


@pytest.mark.parametrize("body", [[1, 2], "words", 7, None, {"reason": ["a", {"b": 1}]}, {"reason": "held"}])
def test_json_fills_no_form(desk: FlaskClient, body: object) -> None:
    answer = desk.post("/sending/hold/place", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 422


def test_file_is_no_answer_to_a_question(desk: FlaskClient) -> None:
    sent = {"reason": (io.BytesIO(b"words"), "reason.txt")}
    answer = desk.post("/sending/hold/place", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422


@pytest.mark.parametrize("day", ["9" * 30, "2147483648", "9" * 5000, "²", "0", "32"])
def test_day_of_any_length_is_asked_for_again(desk: FlaskClient, day: str) -> None:
    answer = desk.post("/account/leave", data=LEAVE | {"from_on-day": day, "to_on-day": day})
    assert answer.status_code == 422


@pytest.mark.each_store
def test_nul_byte_is_kept_as_the_sign_for_what_cannot_be_read(app: Flask, desk: FlaskClient) -> None:
    from programme_tracker.messaging.models import SendingHold

    assert desk.post("/sending/hold/place", data={"reason": "a\x00b"}).status_code == 303
    assert desk.get("/people/?q=a%00b").status_code == 200
    with app.app_context():
        assert [one.reason for one in db.session.scalars(db.select(SendingHold))] == [
            "a\N{REPLACEMENT CHARACTER}b"
        ]


@pytest.mark.each_store
@pytest.mark.parametrize("number", ["2147483648", "9223372036854775807", "9223372036854775808", "9" * 5000])
def test_number_too_large_for_a_row_names_no_page(desk: FlaskClient, number: str) -> None:
    assert desk.get(f"/groups/{number}").status_code == 404
    assert desk.post("/enrolments/1/book", data={"session": number}).status_code == 404
    assert desk.get(f"/wordings/words/allow?word={number}").status_code == 303


@pytest.mark.parametrize("text", ["-1", "x", "", str(LARGEST_ID + 1), "9" * 5000])
def test_what_can_be_no_number_of_a_row_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        whole_number(text)
