from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.scheduling.models import Session
from programme_tracker.workflows.sessions import SessionPlan, cancel_session, create_session
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import PART_A, CaraCase, Team, attend, cara_case, go_to

WEEK = timedelta(weeks=1)


@pytest.fixture
def case(app: Flask) -> Iterator[CaraCase]:
    with app.app_context():
        yield cara_case()


def typed(team: Team, **over: str) -> dict[str, str]:
    answers = {
        "programme": "cara",
        "what": "part_A",
        "on-day": "26",
        "on-month": "9",
        "on-year": "2026",
        "starts": "10:00",
        "venue": "St Łukasz's Hall",
        "staff": str(team.facilitator.staff_id),
    }
    return answers | {name.replace("__", "-"): text for name, text in over.items()}


def questions(ask: Callable[[], object]) -> int:
    seen: list[object] = []

    def note(*given: object) -> None:
        if str(given[2]).startswith("SELECT"):
            seen.append(given[2])

    db.session.expunge_all()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_list_shows_places_staff_and_register(app: Flask, case: CaraCase) -> None:
    client = case.team.client(app, "lead")
    page = client.get("/sessions/").text
    for said in ("CARA part A", "Sat 12 Sep, 10am", "1 of 12 taken", "Fay Facilitator", "To come"):
        assert said in page
    attend(case, case.session_a_id, "attended")
    go_to(datetime(2026, 9, 14, 9))  # noqa: DTZ001 - a wall time
    client = case.team.client(app, "lead")
    assert "Submitted" in client.get("/sessions/?when=past").text
    assert "part A" not in client.get("/sessions/").text
    assert "No session is to come" in client.get("/sessions/?programme=radar").text
    assert client.get("/sessions/?page=99999999999999999999").status_code == 200


def test_list_asks_the_database_as_often_for_three_as_for_one(app: Flask, case: CaraCase) -> None:
    client = case.team.client(app, "lead")
    client.get("/sessions/")
    few = questions(lambda: client.get("/sessions/"))
    for number in range(1, 4):
        plan = SessionPlan("cara", PART_A + number * WEEK, [case.team.facilitator.staff_id or 0], part="A")
        create_session(plan, actor=case.team.lead, now=clock.now())
    assert questions(lambda: client.get("/sessions/")) <= few


def test_session_page_shows_who_is_booked(app: Flask, case: CaraCase) -> None:
    page = case.team.client(app, "lead").get(f"/sessions/{case.session_a_id}").text
    assert "Sam O&#39;Brien-Łukasz" in page
    assert "Sign-off granted" in page
    assert "Take off" in page
    page = case.team.client(app, "facilitator").get(f"/sessions/{case.session_a_id}").text
    assert "Sam O&#39;Brien-Łukasz" in page
    assert "Take off" not in page


def test_other_peoples_sessions_are_absent(app: Flask, case: CaraCase) -> None:
    stranger = client_of(app, make_staff(Role.FACILITATOR))
    for path in ("", "/move", "/cancel"):
        assert stranger.get(f"/sessions/{case.session_a_id}{path}").status_code == 404
    assert "CARA part A" not in stranger.get("/sessions/").text
    assert stranger.get("/sessions/new").status_code == 404
    for who in ("officer", "worker", "enforcement", "admin"):
        client = case.team.client(app, who)
        for path in ("/sessions/", f"/sessions/{case.session_a_id}", "/sessions/new"):
            assert client.get(path).status_code == 404, (who, path)


def test_session_made_twice_by_one_form_is_one(app: Flask, case: CaraCase) -> None:
    client = case.team.client(app, "lead")
    before = len(db.session.scalars(select(Session)).all())
    first = client.post("/sessions/new", data=typed(case.team))
    again = client.post("/sessions/new", data=typed(case.team))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert len(db.session.scalars(select(Session)).all()) == before + 1
    page = client.get(first.location).text
    assert "Session made: CARA part A, Sat 26 Sep, 10am." in page
    assert "One more person should run it." in page
    assert "St Łukasz&#39;s Hall" in page


@pytest.mark.parametrize(
    ("over", "said", "field"),
    [
        ({"on__day": "31", "on__month": "8"}, "Choose a time still to come", "on"),
        ({"on__day": "28", "on__month": "12"}, "That day is a bank holiday", "on"),
        ({"on__day": "12", "starts": "11:00"}, "Somebody who would run this is busy then", "staff"),
        ({"programme": "radar"}, "RADAR has no parts A and B", "what"),
        ({"what": "group"}, "CARA is two workshops", "what"),
        ({"staff": ""}, "Choose at least one person", "staff"),
        ({"staff": "9999"}, "Choose from the people shown", "staff"),
        ({"on__day": "31"}, "that month has no day 31", "on"),
        ({"starts": "noonish"}, "Enter the start time", "starts"),
    ],
)
def test_session_refused_says_beside_the_field_what_to_do(
    app: Flask, case: CaraCase, over: dict[str, str], said: str, field: str
) -> None:
    response = case.team.client(app, "lead").post("/sessions/new", data=typed(case.team, **over))
    assert response.status_code == 422
    assert said in response.text
    assert f'id="{field}-error"' in response.text
    assert "St Łukasz&#39;s Hall" in response.text


def test_taken_venue_is_said_beside_the_venue(app: Flask, case: CaraCase) -> None:
    other = make_staff(Role.FACILITATOR).actor
    plan = SessionPlan("radar", PART_A + 2 * WEEK, [other.staff_id or 0], venue="St Łukasz's Hall")
    create_session(plan, actor=case.team.lead, now=clock.now())
    response = case.team.client(app, "lead").post("/sessions/new", data=typed(case.team))
    assert response.status_code == 422
    assert 'id="venue-error"' in response.text
    assert "The venue is taken then" in response.text


def test_cancelled_session_offers_no_change(app: Flask, case: CaraCase) -> None:
    cancel_session(case.session_a_id or 0, "Flood", actor=case.team.lead, now=clock.now())
    page = case.team.client(app, "lead").get(f"/sessions/{case.session_a_id}").text
    assert "Cancelled: Flood" in page
    assert "Move the session" not in page
    assert "Take off" not in page
