from collections.abc import Callable

import pytest
from flask import Flask

from programme_tracker.attendance.queries import mark_of
from programme_tracker.kernel.working_time import from_local
from programme_tracker.people.services import NewParticipant
from programme_tracker.scheduling.services import MoveReason
from programme_tracker.workflows.sessions import cancel_session, move_session
from tests.factories import records
from tests.factories.cases import attend, cara_case, go_to, sam
from tests.factories.voluntary import Enrolled, enrolled, meet, wall

SHOWN = "Sam O&#39;Brien-Łukasz"
MONDAY = wall(9, 7, 10)
THURSDAY = wall(9, 10, 14, 30)


def test_week_shows_own_appointments_by_day_with_their_state(app: Flask, case: Enrolled) -> None:
    meet(case, MONDAY, venue="Room 1")
    meet(case, THURSDAY)
    go_to(wall(9, 7, 11, 5))
    page = case.client(app).get("/week/").text
    assert "Mon 7 Sep to Sun 13 Sep, two appointments" in page
    for shown in (SHOWN, "10am", "2.30pm", "Baseline one-to-one, Room 1", "Register due", "To come"):
        assert shown in page
    assert page.index("10am") < page.index("2.30pm")
    assert 'href="/week/?on=2026-08-31"' in page
    assert 'href="/week/?on=2026-09-14"' in page


def test_week_of_any_day_starts_on_its_monday_and_names_bank_holidays(app: Flask, case: Enrolled) -> None:
    page = case.client(app).get("/week/?on=2026-12-27").text
    assert "Mon 21 Dec to Sun 27 Dec" in page
    assert "Christmas Day" in page
    assert "No appointments this week." in page


@pytest.mark.parametrize("on", ["", "nonsense", "2026-02-31", "0001-01-01", "9999-12-31"])
def test_week_of_no_day_is_this_week(app: Flask, case: Enrolled, on: str) -> None:
    page = case.client(app).get("/week/", query_string={"on": on})
    assert page.status_code == 200
    assert "Mon 31 Aug to Sun 6 Sep" in page.text


def test_week_across_the_clock_change_keeps_wall_time(app: Flask, case: Enrolled) -> None:
    meet(case, wall(10, 26, 10))
    page = case.client(app).get("/week/?on=2026-10-26").text
    assert "10am" in page
    assert "one appointment" in page


def test_week_of_a_colleague_is_the_teams_alone(app: Flask, case: Enrolled) -> None:
    meet(case, MONDAY)
    path = f"/week/?on=2026-09-07&of={case.team.lead.staff_id}"
    page = case.client(app, "manager").get(path).text
    assert "Kit Lead’s week" in page
    assert SHOWN in page
    assert SHOWN not in case.client(app, "manager").get("/week/?on=2026-09-07").text
    assert case.client(app, "facilitator").get(path).status_code == 404
    assert case.client(app, "lead").get("/week/?of=99999").status_code == 404


@pytest.mark.parametrize("who", ["worker", "officer", "enforcement", "admin"])
def test_week_is_absent_for_who_runs_no_sessions(app: Flask, case: Enrolled, who: str) -> None:
    assert case.client(app, who).get("/week/").status_code == 404


def test_no_show_in_one_tap_is_one_register(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, MONDAY)
    go_to(wall(9, 7, 10, 20))
    client = case.client(app)
    for _ in range(2):
        answer = client.post(
            f"/week/sessions/{session_id}/no-show", data={"token": "a" * 32}, follow_redirects=True
        )
        assert "No-show recorded: " + SHOWN in answer.text
    mark = mark_of(session_id, case.enrolment_id)
    assert mark is not None
    assert mark.outcome == "absent"
    assert "No-show</span>" in answer.text
    assert records.events("register.submitted") == ["register.submitted"]
    assert [task.why for task in records.tasks("follow_up_absence", case.enrolment_id)]


def test_no_show_before_the_start_or_after_a_register_changes_nothing(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, MONDAY)
    client = case.client(app)
    path = f"/week/sessions/{session_id}/no-show"
    early = client.post(path, data={"token": "a" * 32}, follow_redirects=True).text
    assert "This session has not begun yet." in early
    go_to(wall(9, 7, 11))
    client = case.client(app)
    client.post(f"/week/sessions/{session_id}/record", data=_attended(session_id))
    again = client.post(path, data={"token": "b" * 32}, follow_redirects=True).text
    assert "This register was submitted already" in again
    mark = mark_of(session_id, case.enrolment_id)
    assert mark is not None
    assert mark.outcome == "attended"


def _attended(session_id: int) -> dict[str, str]:
    return {"about": str(session_id), "token": "c" * 32, "outcome": "attended", "book_next": "no"}


def test_no_show_of_a_session_one_may_not_see_or_of_a_group_is_absent(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, MONDAY)
    go_to(wall(9, 7, 11))
    path = f"/week/sessions/{session_id}/no-show"
    assert case.client(app, "facilitator").post(path, data={"token": "a" * 32}).status_code == 404
    assert case.client(app, "worker").post(path, data={"token": "a" * 32}).status_code == 404
    assert case.client(app, "lead").post(path).status_code == 404
    workshop = cara_case(case.team, person=sam(name="Ted Example", mobile=None)).session_a_id
    assert case.client(app).post(f"/week/sessions/{workshop}/no-show").status_code == 404


def test_moved_and_cancelled_appointments_say_so(app: Flask, case: Enrolled) -> None:
    moved, gone = meet(case, MONDAY), meet(case, THURSDAY)
    now = from_local(wall(9, 1, 9))
    later = wall(9, 8, 15)
    move_session(moved, later, reason=MoveReason("participant", "work"), actor=case.team.lead, now=now)
    cancel_session(gone, "ill", actor=case.team.lead, now=now)
    page = case.client(app).get("/week/?on=2026-09-08").text
    assert "Moved from Mon 7 Sep, 10am" in page
    assert "Cancelled" in page


def test_groups_and_workshops_lead_to_their_own_pages(app: Flask, case: Enrolled) -> None:
    made = cara_case(case.team, person=sam(name="Ted Example", mobile=None))
    attend(made, made.session_a_id, "attended")
    page = case.client(app, "facilitator").get("/week/?on=2026-09-12").text
    assert "CARA part A" in page
    assert "One person" in page
    assert "Register in" in page
    assert f"/sessions/{made.session_a_id}" in page


def test_number_of_queries_does_not_grow_with_appointments(
    app: Flask, case: Enrolled, queries_of: Callable[[Callable[[], object]], int]
) -> None:
    meet(case, MONDAY)
    client = case.client(app)
    client.get("/week/?on=2026-09-07")
    one = queries_of(lambda: client.get("/week/?on=2026-09-07"))
    for number, hour in enumerate((12, 15), start=1):
        other = NewParticipant(name=f"Ted Example {number}", born_on=sam().born_on)
        meet(enrolled(team=case.team, person=other), MONDAY.replace(hour=hour), venue=f"Room {number}")
    assert queries_of(lambda: client.get("/week/?on=2026-09-07")) <= one
