import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from programme_tracker.attendance.models import Mark, RegisterSubmission
from programme_tracker.attendance.queries import mark_of, submission_of
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.referrals.rules import SuspensionReason
from programme_tracker.web.registers.views import next_session, own_sessions, registers_waiting
from programme_tracker.workflows.suspending import suspend
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import ODD_NAME, PART_A, CaraCase, attend, cara_case, go_to, sam
from tests.factories.voluntary import move_on, wall

Sheet = Callable[[FlaskClient, int], dict[str, str]]

BEGUN = PART_A + timedelta(minutes=10)


def second_man(case: CaraCase, **given: object) -> CaraCase:
    person = sam(name="Ali Example", mobile="07700 900102", born_on=date(1988, 5, 1), **given)
    return cara_case(case.team, person=person, sessions=(case.session_a_id, case.session_b_id))


def test_register_before_the_session_says_when_it_opens(app: Flask, case: CaraCase) -> None:
    page = case.team.client(app, "facilitator").get(f"/sessions/{case.session_a_id}/register").text
    assert "This register opens Sat 12 Sep, 10am." in page
    assert "Sam O&#39;Brien-Łukasz" in page
    assert "Submit register" not in page


def test_register_submitted_leads_to_its_receipt(app: Flask, case: CaraCase, sheet_of: Sheet) -> None:
    other = second_man(case)
    go_to(BEGUN)
    client = case.team.client(app, "facilitator")
    sheet = sheet_of(client, case.session_a_id or 0)
    sheet |= {f"m-{case.enrolment_id}-outcome": "attended", f"m-{other.enrolment_id}-outcome": "absent"}
    response = client.post(f"/sessions/{case.session_a_id}/register", data=sheet)
    assert response.status_code == 303
    page = client.get(response.location).text
    assert "Register submitted." in page
    assert "One absence." in page
    assert "Victim safety was told at 10.10am; the officer is told by Mon 14 Sep, 5pm." in page
    assert "Part B on Sat 10 Oct was given up" in page
    for secret in ("medium", "risk", "partner", "enforcement"):
        assert secret not in page.lower()


def test_receipt_leads_who_may_to_the_texts_about_the_session(app: Flask, case: CaraCase) -> None:
    move_on(wall(9, 12, 9))
    attend(case, case.session_a_id, "attended")
    receipt = submission_of(case.session_a_id or 0)
    assert receipt is not None
    page = case.team.client(app, "lead").get(f"/registers/{receipt.id}").text
    paths = re.findall(r'href="(/messages/\d+)"', page)
    assert len(paths) == 4
    assert case.team.client(app, "lead").get(paths[0]).status_code == 200
    assert "/messages/" not in case.team.client(app, "facilitator").get(f"/registers/{receipt.id}").text


def test_register_sent_twice_is_one(app: Flask, case: CaraCase, sheet_of: Sheet) -> None:
    go_to(BEGUN)
    client = case.team.client(app, "facilitator")
    sheet = sheet_of(client, case.session_a_id or 0) | {f"m-{case.enrolment_id}-arrived": "10:00"}
    first = client.post(f"/sessions/{case.session_a_id}/register", data=sheet)
    again = client.post(f"/sessions/{case.session_a_id}/register", data=sheet)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert len(db.session.scalars(select(RegisterSubmission)).all()) == 1
    assert len(db.session.scalars(select(Mark)).all()) == 1
    assert client.get(f"/sessions/{case.session_a_id}/register").location == first.location


def test_register_not_complete_keeps_what_was_typed(app: Flask, case: CaraCase, sheet_of: Sheet) -> None:
    other = second_man(case)
    go_to(BEGUN)
    client = case.team.client(app, "facilitator")
    sheet = sheet_of(client, case.session_a_id or 0)
    sheet |= {f"m-{case.enrolment_id}-outcome": "sent_home"}
    response = client.post(f"/sessions/{case.session_a_id}/register", data=sheet)
    assert response.status_code == 422
    assert "Ali Example: Choose an outcome" in response.text
    assert "Łukasz: Write a short note" in response.text
    assert f'href="#m-{other.enrolment_id}-outcome"' in response.text
    assert 'value="sent_home" checked' in response.text
    assert f'value="{sheet["token"]}"' in response.text
    assert submission_of(case.session_a_id or 0) is None


def test_suspended_person_is_locked_and_excused_by_the_system(
    app: Flask, case: CaraCase, sheet_of: Sheet
) -> None:
    suspend(case.enrolment_id, SuspensionReason.REARREST, actor=case.team.lead, now=clock.now())
    go_to(BEGUN)
    client = case.team.client(app, "facilitator")
    page = client.get(f"/sessions/{case.session_a_id}/register").text
    assert "Excused: suspended" in page
    assert f"m-{case.enrolment_id}-arrived" not in page
    sheet = sheet_of(client, case.session_a_id or 0) | {f"m-{case.enrolment_id}-outcome": "absent"}
    assert client.post(f"/sessions/{case.session_a_id}/register", data=sheet).status_code == 303
    mark = mark_of(case.session_a_id or 0, case.enrolment_id)
    assert mark is not None
    assert mark.outcome == "excused_suspended"


def test_system_outcomes_are_never_offered(app: Flask, case: CaraCase) -> None:
    go_to(BEGUN)
    page = case.team.client(app, "facilitator").get(f"/sessions/{case.session_a_id}/register").text
    assert "excused_" not in page
    assert 'value="attended_late"' not in page  # nobody late is let in on CARA
    assert 'value="refused_late"' in page
    assert "sign-off granted" in page.lower()


def test_two_registers_are_shown_side_by_side(app: Flask, case: CaraCase, sheet_of: Sheet) -> None:
    go_to(BEGUN)
    path = f"/sessions/{case.session_a_id}/register"
    one, two = case.team.client(app, "facilitator"), case.team.client(app, "lead")
    mine, theirs = sheet_of(one, case.session_a_id or 0), sheet_of(two, case.session_a_id or 0)
    field = f"m-{case.enrolment_id}"
    assert one.post(path, data=mine | {f"{field}-outcome": "absent"}).status_code == 303
    theirs |= {f"{field}-outcome": "left_early", f"{field}-note": "Fell <ill>"}
    response = two.post(path, data=theirs)
    assert response.status_code == 409
    for said in ("Fay Facilitator submitted this register", "Fell &lt;ill&gt;", "Correct to “Left early”"):
        assert said in response.text
    mark = mark_of(case.session_a_id or 0, case.enrolment_id)
    assert mark is not None
    assert mark.outcome == "absent"

    settle = f"{path}/differences"
    refused = two.post(settle, data=theirs)
    assert refused.status_code == 422
    assert "Choose a difference to correct" in refused.text
    assert "Fell &lt;ill&gt;" in refused.text
    done = two.post(settle, data=theirs | {f"{field}-apply": "yes", "why": "I was at the door"})
    assert done.status_code == 303
    mark = mark_of(case.session_a_id or 0, case.enrolment_id)
    assert mark is not None
    assert (mark.outcome, mark.note, mark.why) == ("left_early", "Fell <ill>", "I was at the door")
    # Sent again there is no difference left, so nothing is corrected twice.
    two.post(settle, data=theirs | {f"{field}-apply": "yes", "why": "I was at the door"})
    assert len(db.session.scalars(select(Mark)).all()) == 2


def test_sheet_of_another_session_is_refused(app: Flask, case: CaraCase, sheet_of: Sheet) -> None:
    go_to(BEGUN)
    client = case.team.client(app, "facilitator")
    sheet = sheet_of(client, case.session_a_id or 0) | {f"m-{case.enrolment_id}-outcome": "absent"}
    for other in ({"about": str(case.session_b_id)}, {"token": "x"}):
        response = client.post(f"/sessions/{case.session_a_id}/register", data=sheet | other)
        assert response.status_code == 409
    assert submission_of(case.session_a_id or 0) is None


@pytest.mark.parametrize("who", ["officer", "worker", "enforcement", "admin"])
def test_registers_are_absent_for_other_roles(app: Flask, case: CaraCase, who: str) -> None:
    attend(case, case.session_a_id, "attended")
    client = case.team.client(app, who)
    submission = submission_of(case.session_a_id or 0)
    assert submission is not None
    correct = f"/sessions/{case.session_a_id}/people/{case.enrolment_id}/correct"
    for path in (
        "/my-sessions",
        f"/sessions/{case.session_a_id}/register",
        f"/registers/{submission.id}",
        correct,
        "/corrections",
    ):
        assert client.get(path).status_code == 404, path


def test_another_facilitators_register_is_absent(app: Flask, case: CaraCase) -> None:
    attend(case, case.session_a_id, "attended")
    submission = submission_of(case.session_a_id or 0)
    assert submission is not None
    stranger = client_of(app, make_staff(Role.FACILITATOR))
    for path in (
        f"/sessions/{case.session_a_id}/register",
        f"/registers/{submission.id}",
        f"/sessions/{case.session_a_id}/people/{case.enrolment_id}/marks",
    ):
        assert stranger.get(path).status_code == 404, path


def test_own_sessions_show_what_presses_first(app: Flask, case: CaraCase) -> None:
    client, fay = case.team.client(app, "facilitator"), case.team.facilitator
    assert "Sat 12 Sep, 10am" in client.get("/my-sessions").text
    assert registers_waiting(fay, clock.now()) == []
    go_to(BEGUN)
    due = next_session(fay, clock.now())
    assert due is not None
    assert (due.session_id, due.is_begun, due.is_overdue) == (case.session_a_id, True, False)
    assert [one.session_id for one in registers_waiting(case.team.manager, clock.now())] == []
    go_to(datetime(2026, 9, 14, 12, 1))  # noqa: DTZ001 - a wall time
    own = own_sessions(fay, clock.now())
    assert [one.session_id for one in own.missing] == [case.session_a_id]
    assert own.next is not None
    assert own.next.session_id == case.session_b_id
    assert [one.session_id for one in registers_waiting(case.team.manager, clock.now())] == [
        case.session_a_id
    ]
    assert registers_waiting(case.team.lead, clock.now()) == []
    page = case.team.client(app, "facilitator").get("/my-sessions").text
    assert "Registers missing" in page
    assert page.count('<a class="btn btn-primary"') == 1


def test_register_asks_the_database_as_often_for_three_as_for_one(
    app: Flask, case: CaraCase, queries_of: Callable[[Callable[[], object]], int]
) -> None:
    go_to(BEGUN)
    client, path = case.team.client(app, "facilitator"), f"/sessions/{case.session_a_id}/register"
    client.get(path)
    one = queries_of(lambda: client.get(path))
    go_to(datetime(2026, 9, 1, 9))  # noqa: DTZ001 - a wall time
    for number in (3, 4):
        person = sam(
            name=f"Sam Number {number}", mobile=f"07700 90011{number}", born_on=date(1990, 1, number)
        )
        cara_case(case.team, person=person, sessions=(case.session_a_id, case.session_b_id))
    go_to(BEGUN)
    client.get(path)
    assert queries_of(lambda: client.get(path)) <= one
    assert ODD_NAME.split("-")[1] in client.get(path).text
