"""The pages of monitoring: the list, one of them, and what a person decides."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from programme_tracker.escalation.models import Monitoring, Notice
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.kernel.working_time import from_local
from programme_tracker.messaging.providers import RecordingProvider
from tests.factories.cases import Team, make_team, sam
from tests.factories.monitoring import Watched, monitored

ESCAPED = "Sam O&#39;Brien-Łukasz"


@pytest.fixture
def team(app: Flask) -> Team:
    with app.app_context():
        return make_team()


@pytest.fixture
def watched(app: Flask, team: Team, clock: SettableClock) -> Watched:
    with app.app_context():
        return monitored(team, clock)


@pytest.fixture
def enforcement(app: Flask, team: Team) -> FlaskClient:
    with app.app_context():
        return team.client(app, "enforcement")


def to_the_end(app: Flask, team: Team, clock: SettableClock) -> FlaskClient:
    """Let two months go by, and sign in anew."""
    with app.app_context():
        advance(clock, from_local(datetime(2026, 11, 18, 12)), RecordingProvider())  # noqa: DTZ001 - a wall time
        return team.client(app, "enforcement")


def stored(app: Flask, watched: Watched) -> Monitoring:
    with app.app_context():
        return db.session.get_one(Monitoring, watched.id)


def seen(version: str = "2026-11-18.open", about: int = 1) -> dict[str, str]:
    return {"about": str(about), "seen_version": version}


def test_list_says_who_is_watched_and_how_long_is_left(watched: Watched, enforcement: FlaskClient) -> None:
    text = enforcement.get("/monitoring/").text
    for said in (ESCAPED, "RADAR", "Due Sun 18 Oct, 9am, 30 days left", "until Wed 18 Nov", "Medium risk"):
        assert said in text


def test_list_with_nobody_says_so(team: Team, enforcement: FlaskClient) -> None:
    assert "Nobody is watched at present." in enforcement.get("/monitoring/").text


@pytest.mark.parametrize("who", ["officer", "worker", "lead", "facilitator", "admin"])
def test_monitoring_is_for_enforcement_and_managers(
    app: Flask, team: Team, watched: Watched, who: str
) -> None:
    with app.app_context():
        client = team.client(app, who)
    for path in ("", f"{watched.id}"):
        assert client.get(f"/monitoring/{path}").status_code == 404
    for deed in ("review", "extend", "close"):
        assert client.post(f"/monitoring/{watched.id}/{deed}", data={"note": "x"}).status_code == 404


def test_review_is_kept_with_who_and_when(
    app: Flask, watched: Watched, enforcement: FlaskClient, clock: SettableClock
) -> None:
    note = {"note": "Visited <twice>; O'Brien calm", **seen()}
    response = enforcement.post(f"/monitoring/{watched.id}/review", data=note)
    assert response.status_code == 303
    text = enforcement.get(f"/monitoring/{watched.id}").text
    assert "By Ned Enforcement. Visited &lt;twice&gt;; O&#39;Brien calm" in text
    assert "Next review Sun 18 Oct, 9am; until Wed 18 Nov." in text


@pytest.mark.parametrize(
    ("deed", "data", "said"),
    [
        ("review", {"note": " "}, "Say what was done and seen"),
        ("extend", {"months": "13", "why": "typed so far"}, "Months must be a whole number from 1 to 12"),
        ("close", {"reason": ""}, "Say why monitoring ends"),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(
    watched: Watched, enforcement: FlaskClient, deed: str, data: dict[str, str], said: str
) -> None:
    response = enforcement.post(f"/monitoring/{watched.id}/{deed}", data={**data, **seen()})
    assert response.status_code == 422
    assert said in response.text
    assert all(text.strip() in response.text for text in data.values())


def test_end_asks_to_extend_or_close(app: Flask, team: Team, watched: Watched, clock: SettableClock) -> None:
    enforcement = to_the_end(app, team, clock)
    assert "Its time ended on Wed 18 Nov. Extend or close it." in enforcement.get("/monitoring/").text
    assert "Its time is over." in enforcement.get(f"/monitoring/{watched.id}").text
    data = {"months": "2", "why": "Seen near her street", **seen()}
    assert enforcement.post(f"/monitoring/{watched.id}/extend", data=data).status_code == 303
    text = enforcement.get(f"/monitoring/{watched.id}").text
    assert "Extended until Mon 18 Jan 2027" in text and "Its time is over." not in text
    assert stored(app, watched).ends_on == date(2027, 1, 18)


def test_closing_ends_it_with_a_reason(app: Flask, watched: Watched, enforcement: FlaskClient) -> None:
    data = {"reason": "Moved to another force", **seen()}
    enforcement.post(f"/monitoring/{watched.id}/close", data=data)
    text = enforcement.get(f"/monitoring/{watched.id}").text
    assert "No further review is asked for." in text and "Close monitoring" not in text
    assert "Closed: Moved to another force" in enforcement.get("/monitoring/").text
    assert stored(app, watched).closed_at is not None


def test_stale_page_changes_nothing(app: Flask, watched: Watched, enforcement: FlaskClient) -> None:
    data = {"months": "1", **seen()}
    for _ in range(2):
        enforcement.post(f"/monitoring/{watched.id}/extend", data=data)
    assert stored(app, watched).ends_on == date(2026, 12, 18)
    assert "Somebody else changed this meanwhile." in enforcement.get("/monitoring/").text


def test_person_of_whom_enforcement_was_not_told_is_not_there(
    app: Flask, team: Team, watched: Watched, enforcement: FlaskClient
) -> None:
    with app.app_context(), transaction():
        for notice in db.session.scalars(select(Notice).where(Notice.to_role == "enforcement")):
            notice.staff_id = team.admin.staff_id
    assert ESCAPED not in enforcement.get("/monitoring/").text
    assert enforcement.get(f"/monitoring/{watched.id}").status_code == 404
    assert enforcement.post(f"/monitoring/{watched.id}/close", data={"reason": "x"}).status_code == 404


def test_list_asks_as_often_for_three_people_as_for_one(
    app: Flask, team: Team, watched: Watched, enforcement: FlaskClient, clock: SettableClock
) -> None:
    def statements() -> int:
        found: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            found.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            enforcement.get("/monitoring/")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(found)

    enforcement.get("/monitoring/")
    one = statements()
    with app.app_context():
        for number in (1, 2):
            clock.advance(timedelta(hours=1))
            monitored(team, clock, sam(name=f"Sam Number {number}", mobile=f"07700 90011{number}"))
    assert statements() <= one
