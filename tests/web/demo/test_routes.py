from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.application import current_settings, set_settings
from programme_tracker.kernel.clock import SettableClock, SystemClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import to_local
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.people.models import Participant
from programme_tracker.web.demo import moving
from tests.factories.cases import CaraCase, attend, cara_case

PHONE = "/demo/phones/447700900101"


@pytest.fixture
def case(app: Flask, clock: SettableClock) -> CaraCase:
    """Give a case that is booked and has been told so."""
    with app.app_context():
        case = cara_case()
        advance(clock, clock.now(), RecordingProvider())
        return case


@pytest.fixture
def caseworker(app: Flask, case: CaraCase) -> FlaskClient:
    """Give a browser in which the caseworker is signed in by the machine's clock."""
    app.extensions["programme_tracker.sign_in_clock"] = SystemClock()
    with app.app_context():
        return case.team.client(app, "lead")


def wall(clock: SettableClock) -> datetime:
    return to_local(clock.now()).replace(tzinfo=None)


def test_phones_show_the_texts_that_went(caseworker: FlaskClient) -> None:
    text = caseworker.get("/demo/phones").text
    assert "07700 900101" in text and "Sam O&#39;Brien-Łukasz" in text
    assert "Your appointment is Sat 12 Sep 10am." in text
    assert "More texts, and reply as 07700 900101" in text


@pytest.mark.parametrize(
    ("reply", "follows"),
    [
        ("STOP", "no text goes to them any more"),
        ("1", "marked as confirmed"),
        ("2", "asked to ring today"),
        ("Wrong number mate", "safety is told"),
        ("On my way", "goes to the lead"),
    ],
)
def test_reply_from_a_phone_says_what_follows(caseworker: FlaskClient, reply: str, follows: str) -> None:
    response = caseworker.post(PHONE, data={"body": reply}, follow_redirects=True)
    assert follows in response.text


def test_stop_from_a_phone_ends_the_texts(app: Flask, case: CaraCase, caseworker: FlaskClient) -> None:
    caseworker.post(PHONE, data={"body": "STOP"})
    with app.app_context():
        assert db.session.get_one(Participant, case.participant_id).opted_out_at is not None


def test_reply_without_words_is_refused(caseworker: FlaskClient) -> None:
    response = caseworker.post(PHONE, data={"body": " "})
    assert response.status_code == 422
    assert "Write what is texted back" in response.text


@pytest.mark.parametrize("digits", ["447700900999", "nonsense"])
def test_phone_that_got_no_text_is_not_there(caseworker: FlaskClient, digits: str) -> None:
    assert caseworker.get(f"/demo/phones/{digits}").status_code == 404


def test_next_thing_that_happens_is_the_first_reminder(caseworker: FlaskClient, clock: SettableClock) -> None:
    assert "The next thing happens on Sat 5 Sep, 10am." in caseworker.get("/demo/clock").text
    response = caseworker.post("/demo/clock", data={"to": "next"}, follow_redirects=True)
    assert "It is now Sat 5 Sep, 10am." in response.text
    assert "One text was sent." in response.text
    assert wall(clock) == datetime(2026, 9, 5, 10)  # noqa: DTZ001 - a wall time


def test_missed_workshop_is_told_to_police_when_the_clock_moves(
    app: Flask, case: CaraCase, caseworker: FlaskClient
) -> None:
    with app.app_context():
        attend(case, case.session_a_id, "absent")
    typed = {"day-day": "15", "day-month": "9", "day-year": "2026", "time": "9am"}
    text = caseworker.post("/demo/clock", data=typed, follow_redirects=True).text
    assert "Police were told: mandated session missed." in text
    assert "Victim safety was chased: a notice was not acknowledged in time." in text


@pytest.mark.parametrize(
    ("button", "until"),
    [("hour", datetime(2026, 9, 1, 10)), ("morning", datetime(2026, 9, 2, 9))],  # noqa: DTZ001 - wall times
)
def test_button_moves_the_clock_on(
    caseworker: FlaskClient, clock: SettableClock, button: str, until: datetime
) -> None:
    assert caseworker.post("/demo/clock", data={"to": button}).status_code == 303
    assert wall(clock) == until


@pytest.mark.parametrize(
    ("day", "said"),
    [("1 8 2026", "Enter a time to come"), ("1 1 2028", "at most 400 days"), ("", "Enter the day")],
)
def test_day_that_cannot_be_gone_to_is_refused(
    caseworker: FlaskClient, clock: SettableClock, day: str, said: str
) -> None:
    before = clock.now()
    parts = day.split() or ["", "", ""]
    typed = {f"day-{part}": text for part, text in zip(("day", "month", "year"), parts, strict=True)}
    response = caseworker.post("/demo/clock", data=typed | {"time": "9am"})
    assert response.status_code == 422
    assert said in response.text
    assert clock.now() == before


def test_long_way_is_gone_in_parts_and_says_how_far_it_has_come(
    caseworker: FlaskClient, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "MOST_SECONDS", 0.0)
    monkeypatch.setattr(moving, "ROUNDS_AT_ONCE", 1)
    typed = {"day-day": "9", "day-month": "9", "day-year": "2026", "time": "11am"}
    address = caseworker.post("/demo/clock", data=typed).location
    text = caseworker.get(address).text
    assert "On the way to Wed 9 Sep, 11am" in text and "<progress" in text
    assert "Tomorrow 9am" not in text, "one thing to do at a time"
    started = wall(clock)
    assert started < datetime(2026, 9, 9, 11)  # noqa: DTZ001 - a wall time
    for _ in range(20):
        sent = parse_qs(urlsplit(address).query)
        form = {"to": "on", "since": sent["since"][0], "until": sent["until"][0]}
        address = caseworker.post("/demo/clock", data=form).location
        if "until=" not in address:
            break
    assert wall(clock) == datetime(2026, 9, 9, 11)  # noqa: DTZ001 - a wall time
    text = caseworker.get(address).text
    assert "It is now Wed 9 Sep, 11am." in text and "texts were sent" in text


@pytest.mark.parametrize("until", ["", "nonsense", "2020-01-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00"])
def test_way_that_is_none_moves_nothing(caseworker: FlaskClient, clock: SettableClock, until: str) -> None:
    before = clock.now()
    form = {"to": "on", "since": before.isoformat(), "until": until}
    assert caseworker.post("/demo/clock", data=form).status_code == 303
    assert clock.now() == before


def test_time_moved_for_months_signs_nobody_out(caseworker: FlaskClient, clock: SettableClock) -> None:
    clock.advance(timedelta(days=90))
    assert caseworker.get("/today").status_code == 200


@pytest.mark.parametrize("path", ["/demo/clock", "/demo/phones", PHONE])
def test_demo_pages_are_not_there_outside_demo_mode(app: Flask, caseworker: FlaskClient, path: str) -> None:
    with app.app_context():
        set_settings(app, replace(current_settings(), demo=False))
    assert caseworker.get(path).status_code == 404
    assert caseworker.post("/demo/clock", data={"to": "hour"}).status_code == 404
