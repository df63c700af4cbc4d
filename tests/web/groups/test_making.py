import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import to_local
from programme_tracker.scheduling.models import Group
from programme_tracker.workflows.groups import GroupPlan, create_group
from tests.factories.cases import Team
from tests.factories.groups import THURSDAY, weekly_group

#: More than this for each session would let making a year's group drag.
MOST_STATEMENTS = 9


def typed(team: Team, **given: str) -> dict[str, str]:
    content = {
        "programme": "radar",
        "on-day": "10",
        "on-month": "9",
        "on-year": "2026",
        "starts": "6.30",
        "venue": "Room 2",
        "first": str(team.facilitator.staff_id),
    }
    return content | given


def post(app: Flask, team: Team, path: str = "/groups/new", who: str = "lead", **given: str) -> Any:
    with app.app_context():
        return team.client(app, who).post(path, data=typed(team, **given))


def groups_made(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(select(Group)).all())


def test_dates_are_shown_before_anything_is_saved(app: Flask, team: Team) -> None:
    answer = post(app, team)
    assert answer.status_code == 200 and groups_made(app) == 0
    assert "Thursday RADAR" in answer.text and "20 sessions" in answer.text
    assert "Thu 10 Sep, 6.30pm" in answer.text
    assert "clocks change before Thu 29 Oct" in answer.text
    assert "One more person should run it" in answer.text


@pytest.mark.parametrize("at", ["11am", "11", "11.00", "11:00"])
def test_morning_group_is_still_in_the_morning_once_it_is_made(app: Flask, team: Team, at: str) -> None:
    shown = post(app, team, starts=at).text
    assert "Thu 10 Sep, 11am" in shown
    carried = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', shown))
    del carried["change"]
    with app.app_context():
        assert team.client(app, "lead").post("/groups/new", data=carried).status_code == 303
    with app.app_context():
        (group,) = db.session.scalars(select(Group))
        assert to_local(group.sessions[0].starts_at).hour == 11


def test_bank_holidays_are_named_and_skipped(app: Flask, team: Team) -> None:
    answer = post(app, team, **{"on-day": "11", "on-month": "12"})  # Fridays over Christmas and New Year
    assert "Three bank holidays are skipped" in answer.text
    assert "Fri 25 Dec, Christmas Day" in answer.text and "Fri 26 Mar 2027, Good Friday" in answer.text
    assert "Fri 1 Jan 2027, New Year&#39;s Day" in answer.text
    assert "Fri 25 Dec, 6.30pm" not in answer.text


def test_group_is_made_once_its_dates_were_seen(app: Flask, team: Team) -> None:
    hidden = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', post(app, team).text))
    del hidden["change"]
    with app.app_context():
        client = team.client(app, "lead")
        answers = [client.post("/groups/new", data=hidden) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location and groups_made(app) == 1
    with app.app_context():
        group = db.session.scalars(select(Group)).one()
        assert (group.name, group.capacity, len(group.sessions)) == ("Thursday RADAR", 12, 20)
        assert {to_local(one.starts_at).strftime("%a %H:%M") for one in group.sessions} == {"Thu 18:30"}


def test_changing_something_keeps_what_was_typed(app: Flask, team: Team) -> None:
    page = post(app, team, change="yes", name="O'Brien-Łukasz evening").text
    assert "Show the dates" in page and 'value="O&#39;Brien-Łukasz evening"' in page and 'value="10"' in page


@pytest.mark.parametrize(
    ("given", "words", "field"),
    [
        ({"on-month": "8", "on-day": "6"}, "Choose a time still to come.", "on"),
        ({"on-day": "28", "on-month": "12"}, "That day is a bank holiday.", "on"),
        ({"first": ""}, "Choose who runs it", "first"),
        ({"capacity": "0"}, "Places must be a whole number from 1 to 60", "capacity"),
        ({"starts": "half six"}, "Enter the start time", "starts"),
    ],
)
def test_refusals_stand_beside_their_fields(
    app: Flask, team: Team, given: dict[str, str], words: str, field: str
) -> None:
    answer = post(app, team, **given)
    assert answer.status_code == 422 and groups_made(app) == 0
    assert words in answer.text and f'id="{field}-error"' in answer.text
    assert 'value="Room 2"' in answer.text


def test_clashes_name_the_first_date_beside_staff_and_venue(app: Flask, team: Team) -> None:
    with app.app_context():
        weekly_group(team, venue="Room 2")
    clash = post(app, team, name="Another")
    assert clash.status_code == 422 and 'id="first-error"' in clash.text
    assert "On Thu 10 Sep: Somebody who would run this is busy then." in clash.text
    other = post(app, team, name="Another", first=str(team.lead.staff_id))
    assert other.status_code == 422 and 'id="venue-error"' in other.text
    assert "The venue is taken then." in other.text


def test_same_person_twice_is_refused(app: Flask, team: Team) -> None:
    answer = post(app, team, second=str(team.facilitator.staff_id))
    assert answer.status_code == 422 and 'id="second-error"' in answer.text


@pytest.mark.parametrize("who", ["facilitator", "worker", "officer", "enforcement", "admin"])
def test_only_the_team_makes_groups(app: Flask, team: Team, who: str) -> None:
    assert post(app, team, who=who).status_code == 404
    with app.app_context():
        assert team.client(app, who).get("/groups/new").status_code == 404


def test_making_a_group_takes_few_statements_a_session(app: Flask, team: Team) -> None:
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    with app.app_context():
        plan = GroupPlan("Long", "radar", THURSDAY, [team.facilitator.staff_id or 0], venue="Hall")
        event.listen(db.engine, "before_cursor_execute", count)
        try:
            group = create_group(plan, actor=team.lead, now=clock.now())
            made = len(group.sessions)
        finally:
            event.remove(db.engine, "before_cursor_execute", count)
    assert made == 20 and statements <= MOST_STATEMENTS * made + 20, statements
