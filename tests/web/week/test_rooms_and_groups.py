"""The weeks of rooms and of groups."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.people.models import SeparatedPair
from programme_tracker.people.services import NewParticipant
from programme_tracker.scheduling.models import Venue
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import sam
from tests.factories.groups import THURSDAY, weekly_group
from tests.factories.voluntary import Enrolled, enrolled, meet, wall

SHOWN = "Sam O&#39;Brien-Łukasz"
WEEK = "?on=2026-09-07"


def room(name: str) -> int:
    """Return a venue's number."""
    return db.session.scalars(select(Venue.id).where(Venue.name == name)).one()


def other_person() -> NewParticipant:
    """Return somebody else."""
    return sam(name="Ted Example", mobile=None)


def test_rooms_show_who_meets_where_and_who_runs_it(app: Flask, case: Enrolled) -> None:
    meet(case, wall(9, 7, 10), venue="Room 1")
    meet(case, wall(9, 8, 10), venue="Room 2")
    meet(case, wall(9, 9, 10))
    client = case.client(app)
    page = client.get(f"/week/rooms{WEEK}").text
    assert "All rooms" in page
    assert "Mon 7 Sep to Sun 13 Sep, two sessions" in page
    for shown in (SHOWN, "Baseline one-to-one, Room 1", "Room 2", "Run by Kit Lead"):
        assert shown in page
    one = client.get(f"/week/rooms{WEEK}&room={room('Room 2')}").text
    assert "one session" in one
    assert "one-to-one, Room 1" not in one
    assert f'href="/week/rooms?on=2026-09-14&amp;room={room("Room 2")}"' in one


def test_groups_show_their_nights(app: Flask, case: Enrolled) -> None:
    group_id = weekly_group(case.team)
    other_id = weekly_group(case.team, THURSDAY.replace(day=11), name="Friday RADAR")
    client = case.client(app)
    page = client.get(f"/week/groups{WEEK}").text
    assert "two sessions" in page
    assert "Thursday RADAR, week 1" in page
    assert "Friday RADAR, week 1" in page
    one = client.get(f"/week/groups{WEEK}&group={group_id}").text
    assert "Friday RADAR, week 1" not in one
    assert client.get(f"/week/groups{WEEK}&group={other_id + 99}").status_code == 404
    assert client.get("/week/groups?group=nonsense").status_code == 200


def test_facilitator_sees_own_groups_alone_and_no_rooms(app: Flask, case: Enrolled) -> None:
    weekly_group(case.team)
    assert "Thursday RADAR, week 1" in case.client(app, "facilitator").get(f"/week/groups{WEEK}").text
    stranger = client_of(app, make_staff(Role.FACILITATOR))
    page = stranger.get(f"/week/groups{WEEK}").text
    assert "Thursday RADAR" not in page
    assert "No group meets this week." in page
    assert stranger.get("/week/groups?group=1").status_code == 404
    assert stranger.get("/week/rooms").status_code == 404


@pytest.mark.parametrize("who", ["worker", "officer", "enforcement", "admin"])
@pytest.mark.parametrize("path", ["/week/rooms", "/week/groups"])
def test_weeks_are_absent_for_who_runs_no_sessions(app: Flask, case: Enrolled, who: str, path: str) -> None:
    assert case.client(app, who).get(path).status_code == 404


def test_room_taken_by_the_other_side_shows_no_name(app: Flask, case: Enrolled) -> None:
    other = make_staff(Role.CASEWORKER, name="Dee Other").actor
    theirs = enrolled(team=case.team, person=other_person(), lead_id=other.staff_id, worker_id=None)
    meet(theirs, wall(9, 7, 10), venue="Room 1")
    page = case.client(app).get(f"/week/rooms{WEEK}").text
    assert "Ted Example" in page
    first, second = sorted((case.participant_id, theirs.participant_id))
    db.session.add(SeparatedPair(first_id=first, second_id=second, created_at=clock.now()))
    db.session.commit()
    page = case.client(app).get(f"/week/rooms{WEEK}").text
    assert "Ted Example" not in page
    assert "Room 1" in page


def test_number_of_statements_does_not_grow_with_sessions(
    app: Flask, case: Enrolled, queries_of: Callable[[Callable[[], object]], int]
) -> None:
    meet(case, wall(9, 7, 10), venue="Room 1")
    client = case.client(app)
    path = f"/week/rooms{WEEK}"
    client.get(path)
    one = queries_of(lambda: client.get(path))
    meet(case, wall(9, 8, 10), venue="Room 1")
    meet(case, wall(9, 9, 10), venue="Room 2")
    assert queries_of(lambda: client.get(path)) <= one


def test_more_than_a_page_holds_is_cut_and_says_so(
    app: Flask, case: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("programme_tracker.web.week.views.MOST", 1)
    meet(case, wall(9, 7, 10), venue="Room 1")
    meet(case, wall(9, 8, 10), venue="Room 2")
    page = case.client(app).get(f"/week/rooms{WEEK}").text
    assert "Choose one room." in page
