"""The list of groups, one group's page, cover and closing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from programme_tracker.accounts.models import StaffLeave
from programme_tracker.attendance.rules import Outcome
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.scheduling.models import Group
from programme_tracker.web.groups.letters import LEGEND, LETTERS
from programme_tracker.workflows.groups import close_group, join_group
from programme_tracker.workflows.sessions import cancel_session, move_session
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import ODD_NAME, Team
from tests.factories.groups import MONDAY, THURSDAY, hold, referred, weekly_group

ESCAPED = "Sam O&#39;Brien-Łukasz"
OUTSIDERS = ("worker", "officer", "enforcement", "admin")


def selects(deed: Callable[[], object]) -> int:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)


def joined(team: Team, group_id: int, name: str = "Ben Dummy") -> int:
    enrolment_id = referred(team, name)
    join_group(enrolment_id, group_id, actor=team.lead, now=clock.now())
    return enrolment_id


def session_id(group_id: int, number: int) -> int:
    return next(one.id for one in db.session.get_one(Group, group_id).sessions if one.number == number)


def test_letters_are_all_different_and_every_outcome_has_one() -> None:
    assert set(LETTERS) == set(Outcome)
    assert len({one.letter for one in LEGEND}) == len(LEGEND)
    assert len({one.words for one in LEGEND}) == len(LEGEND)


def test_list_shows_where_each_group_stands(app: Flask, team: Team) -> None:
    with app.app_context():
        running, to_come = weekly_group(team), weekly_group(team, MONDAY + timedelta(weeks=8), name="Later")
        joined(team, running)
        hold(team, running, 1)
        page = team.client(app, "lead").get("/groups/").text
        assert to_come
    assert page.index("Running") < page.index("Thursday RADAR") < page.index("To come") < page.index("Later")
    assert "1 of 12 taken" in page and "Thu 17 Sep, 6.30pm" in page and "Week 2" in page
    assert "Fay Facilitator" in page


def test_list_says_kindly_that_there_is_none(app: Flask, team: Team) -> None:
    with app.app_context():
        assert "No group is running." in team.client(app, "lead").get("/groups/").text
        assert "No group of yours is running." in team.client(app, "facilitator").get("/groups/").text


def cost(app: Flask, team: Team, path: str) -> int:
    client = team.client(app, "lead")
    assert client.get(path).status_code == 200
    return selects(lambda: client.get(path))


def test_list_and_page_take_the_same_queries_with_one_and_with_three(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team, capacity=4)
        paths = ("/groups/", f"/groups/{group_id}")
        hold(team, group_id, 1, **{f"e{joined(team, group_id)}": "absent"})
        one = [cost(app, team, path) for path in paths]
        others = [joined(team, group_id, f"Man {place}") for place in range(3)]
        for place in range(2):
            weekly_group(team, MONDAY + timedelta(days=place, weeks=1), name=f"Group {place}")
        hold(team, group_id, 2, **{f"e{other}": "absent" for other in others})
        three = [cost(app, team, path) for path in paths]
    assert one == three and max(one) > 0


def test_facilitators_see_their_own_groups_only(app: Flask, team: Team) -> None:
    with app.app_context():
        other = make_staff(Role.FACILITATOR, name="Other Facilitator")
        own, foreign = weekly_group(team), weekly_group(team, MONDAY, staff_ids=[other.id], name="Foreign")
        client = team.client(app, "facilitator")
        page = client.get("/groups/").text
        assert "Thursday RADAR" in page and "Foreign" not in page
        assert client.get(f"/groups/{own}").status_code == 200
        assert client.get(f"/groups/{foreign}").status_code == 404
        assert client.get(f"/sessions/{session_id(foreign, 1)}/cover").status_code == 404
        assert client_of(app, other).get(f"/groups/{foreign}").status_code == 200


def test_cover_for_one_night_sees_that_night_and_not_the_group(app: Flask, team: Team) -> None:
    with app.app_context():
        cover = make_staff(Role.FACILITATOR, name="Cover Person")
        group_id = weekly_group(team)
        night, other = session_id(group_id, 1), session_id(group_id, 2)
        both = [team.facilitator.staff_id, cover.id]
        team.client(app, "lead").post(f"/sessions/{night}/cover", data={"about": str(night), "staff": both})
        client = client_of(app, cover)
        assert client.get(f"/sessions/{night}/register").status_code == 200
        page = client.get(f"/sessions/{night}")
        assert page.status_code == 200 and f"/groups/{group_id}" not in page.text
        assert f"/groups/{group_id}" not in client.get(f"/sessions/{night}/cover").text
        assert client.get(f"/sessions/{other}/register").status_code == 404
        assert client.get(f"/groups/{group_id}").status_code == 404
        assert "Thursday RADAR" not in client.get("/groups/").text
        assert f"/groups/{group_id}" in team.client(app, "facilitator").get(f"/sessions/{night}").text


@pytest.mark.parametrize("who", OUTSIDERS)
def test_groups_are_absent_for_everybody_else(app: Flask, team: Team, who: str) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        client = team.client(app, who)
        paths = ("/groups/", f"/groups/{group_id}", f"/sessions/{session_id(group_id, 1)}/cover")
        for path in (*paths, f"/groups/{group_id}/close", "/catch-ups/"):
            assert client.get(path).status_code == 404, path


def test_page_shows_schedule_people_and_matrix(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        ben, sam = joined(team, group_id), joined(team, group_id, ODD_NAME)
        hold(team, group_id, 1, **{f"e{ben}": "absent", f"e{sam}": "attended_late"})
        cancel_session(session_id(group_id, 2), "Boiler broken", actor=team.lead, now=clock.now())
        move_session(session_id(group_id, 3), datetime(2026, 9, 25, 18), actor=team.lead, now=clock.now())  # noqa: DTZ001 - a wall time
        page = team.client(app, "lead").get(f"/groups/{group_id}").text
    assert ESCAPED in page and ODD_NAME not in page
    matrix = page[page.index('class="matrix"') : page.index('class="legend"')]
    assert 'role="region"' in matrix and 'tabindex="0"' in matrix and "<caption" in matrix
    assert '<span class="letter letter-bad" aria-hidden="true">X</span>' in matrix
    assert '<span class="visually-hidden">Attended late</span>' in matrix
    assert matrix.count(">C</span>") == 2 and matrix.count('<th scope="row">') == 2
    assert "Boiler broken" in page and "Register submitted" in page
    assert "Moved from Thu 24 Sep, 6.30pm" in page
    assert "One person missing" in page


def test_facilitator_learns_no_more_than_attendance_and_standing(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team, capacity=1)
        joined(team, group_id)
        waiting = referred(team, "Wim Waiter")
        team.client(app, "lead").post(f"/enrolments/{waiting}/group/{group_id}/wait")
        page = team.client(app, "facilitator").get(f"/groups/{group_id}").text
    assert "Ben Dummy" in page and "In the group" in page
    assert "Wim Waiter" not in page and "Change group" not in page and "Enrolled" not in page


def test_leave_counts_as_missing_and_cover_mends_it(app: Flask, team: Team) -> None:
    with app.app_context():
        both = [team.facilitator.staff_id or 0, team.lead.staff_id or 0]
        cover = make_staff(Role.FACILITATOR, name="Cover Person")
        group_id = weekly_group(team, staff_ids=both)
        with transaction():
            leave = StaffLeave(staff_id=both[0], from_on=THURSDAY.date(), to_on=THURSDAY.date())
            db.session.add(leave)
        client = team.client(app, "lead")
        assert client.get(f"/groups/{group_id}").text.count("One person missing") == 1
        path = f"/sessions/{session_id(group_id, 1)}/cover"
        assert "Fay Facilitator (away that day)" in client.get(path).text
        answer = client.post(path, data={"about": str(session_id(group_id, 1)), "staff": [both[1], cover.id]})
        assert answer.status_code == 303 and answer.location.endswith(f"/groups/{group_id}")
        page = client.get(f"/groups/{group_id}").text
    assert "Cover Person and Kit Lead will run it." in page and "One person missing" not in page


def test_cover_refuses_nobody_and_somebody_busy(app: Flask, team: Team) -> None:
    with app.app_context():
        other = make_staff(Role.FACILITATOR, name="Other Facilitator")
        group_id = weekly_group(team)
        weekly_group(team, staff_ids=[other.id], name="At the same time")
        first = session_id(group_id, 1)
        client = team.client(app, "lead")
        nobody = client.post(f"/sessions/{first}/cover", data={"about": str(first)})
        busy = client.post(f"/sessions/{first}/cover", data={"about": str(first), "staff": [other.id]})
    assert nobody.status_code == busy.status_code == 422
    assert "Choose at least one person who runs it" in nobody.text
    assert "Somebody chosen is busy then." in busy.text and 'id="staff-error"' in busy.text


def test_facilitator_who_takes_themselves_off_is_led_to_their_groups(app: Flask, team: Team) -> None:
    with app.app_context():
        other = make_staff(Role.FACILITATOR, name="Other Facilitator")
        first = session_id(weekly_group(team), 1)
        client = team.client(app, "facilitator")
        answer = client.post(f"/sessions/{first}/cover", data={"about": str(first), "staff": [other.id]})
        assert answer.location.endswith("/groups/")
        assert client.get(f"/sessions/{first}/cover").status_code == 404


def test_closing_asks_once_and_keeps_everybody(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        joined(team, group_id)
        client = team.client(app, "lead")
        assert "Nobody new can join it" in client.get(f"/groups/{group_id}/close").text
        for _ in range(2):
            assert client.post(f"/groups/{group_id}/close").status_code == 303
        page = client.get(f"/groups/{group_id}").text
        assert team.client(app, "facilitator").post(f"/groups/{group_id}/close").status_code == 404
    assert "Closed to newcomers" in page and "Ben Dummy" in page and "Week 20" in page


def test_ended_groups_are_listed_last(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team, sessions=1, name="Short one")
        close_group(group_id, actor=team.lead, now=clock.now())
        joined_nobody = team.client(app, "lead").get("/groups/").text
        assert "Closed to newcomers" in joined_nobody
        hold(team, group_id, 1)
        page = team.client(app, "lead").get("/groups/").text
    assert page.index("No group is running.") < page.index("Short one")
