from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from programme_tracker.attendance.models import CorrectionRequest, Mark
from programme_tracker.attendance.queries import mark_of
from programme_tracker.jobs.due import run_due
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import RecordingProvider
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import CaraCase, attend, go_to


def address(case: CaraCase) -> str:
    return f"/sessions/{case.session_a_id}/people/{case.enrolment_id}/correct"


def standing(case: CaraCase) -> Mark:
    mark = mark_of(case.session_a_id or 0, case.enrolment_id)
    assert mark is not None
    return mark


def asked(case: CaraCase, **typed: str) -> dict[str, str]:
    mark = standing(case)
    wanted = {"about": str(mark.id), "seen_version": str(mark.id), "outcome": "attended", "why": "Wrong row"}
    return wanted | typed


def police_told(case: CaraCase) -> None:
    """Mark A absent and let the deadline pass, so that police have been told."""
    attend(case, case.session_a_id, "absent")
    for day in (14, 15):
        now = go_to(datetime(2026, 9, day, 17, 30))  # noqa: DTZ001 - a wall time
        run_due(RecordingProvider(), now=now)


def test_correction_before_anybody_outside_was_told_stands_at_once(app: Flask, case: CaraCase) -> None:
    attend(case, case.session_a_id, "absent")
    client, data = case.team.client(app, "facilitator"), asked(case)
    response = client.post(address(case), data=data)
    assert response.status_code == 303
    page = client.get(response.location).text
    assert "Mark corrected." in page
    assert "first “Absent”" in page
    assert "Victim safety was told of the correction" in page
    assert (standing(case).outcome, standing(case).why) == ("attended", "Wrong row")
    # The same form once more changes nothing.
    assert client.post(address(case), data=data).status_code == 303
    assert len(db.session.scalars(select(Mark)).all()) == 2


def test_correction_after_police_were_told_waits_for_a_manager(app: Flask, case: CaraCase) -> None:
    police_told(case)
    client, manager = case.team.client(app, "facilitator"), case.team.client(app, "manager")
    for _ in range(2):
        assert client.post(address(case), data=asked(case)).status_code == 303
    request = db.session.scalars(select(CorrectionRequest)).one()
    assert standing(case).outcome == "absent"
    assert "kept for a manager’s approval" in client.get("/my-sessions").text
    assert "Łukasz" in manager.get("/corrections").text
    page = manager.get(f"/corrections/{request.id}").text
    for said in ("Police: Pat Officer", "Victim safety: Vic Worker", "Wrong row", "Approve and send"):
        assert said in page
    assert client.get(f"/corrections/{request.id}").status_code == 404
    answer = manager.post(f"/corrections/{request.id}", data={"approve": "1"}, follow_redirects=True)
    assert "Correction approved." in answer.text
    assert standing(case).outcome == "attended"
    again = manager.post(f"/corrections/{request.id}", data={"approve": "1"}, follow_redirects=True)
    assert "decided on this correction already" in again.text
    history = client.get(f"/sessions/{case.session_a_id}/people/{case.enrolment_id}/marks").text
    assert "approved by Mo Manager" in history
    assert "Corrected since" in history


def test_correction_refused_leaves_the_mark(app: Flask, case: CaraCase) -> None:
    police_told(case)
    client, manager = case.team.client(app, "facilitator"), case.team.client(app, "manager")
    client.post(address(case), data=asked(case))
    request = db.session.scalars(select(CorrectionRequest)).one()
    answer = manager.post(f"/corrections/{request.id}", data={"refuse": "1"}, follow_redirects=True)
    assert "stays “Absent”" in answer.text
    assert standing(case).outcome == "absent"
    history = client.get(f"/sessions/{case.session_a_id}/people/{case.enrolment_id}/marks").text
    assert "refused by Mo Manager" in history


def test_ones_own_correction_needs_a_second_person(app: Flask, case: CaraCase) -> None:
    police_told(case)
    manager = case.team.client(app, "manager")
    manager.post(address(case), data=asked(case))
    request = db.session.scalars(select(CorrectionRequest)).one()
    assert "somebody else must decide" in manager.get(f"/corrections/{request.id}").text
    answer = manager.post(f"/corrections/{request.id}", data={"approve": "1"})
    assert answer.status_code == 422
    assert "A second person must approve" in answer.text
    assert standing(case).outcome == "absent"


def test_another_correction_waits_its_turn(app: Flask, case: CaraCase) -> None:
    police_told(case)
    case.team.client(app, "facilitator").post(address(case), data=asked(case))
    other = case.team.client(app, "lead").post(
        address(case), data=asked(case, outcome="left_early", note="Unwell")
    )
    assert other.status_code == 422
    assert "waits for a manager" in other.text
    assert "Unwell" in other.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"outcome": ""}, "Choose what it should say"),
        ({"why": ""}, "Say why the mark is wrong"),
        ({"outcome": "absent"}, "says “Absent” already"),
        ({"outcome": "left_early"}, "Write a short note"),
        ({"outcome": "absent_acceptable", "reason": "medical"}, "hospital letter"),
        ({"outcome": "excused_provider"}, "Choose what it should say"),
        ({"seen_version": "999"}, "changed this mark meanwhile"),
    ],
)
def test_correction_that_cannot_be_says_what_to_do(
    app: Flask, case: CaraCase, typed: dict[str, str], said: str
) -> None:
    attend(case, case.session_a_id, "absent")
    data = {"why": "It was O’Brien <the other>"} | typed
    response = case.team.client(app, "facilitator").post(address(case), data=asked(case, **data))
    assert response.status_code == 422
    assert said in response.text
    if "why" not in typed:
        assert "O’Brien &lt;the other&gt;" in response.text
    assert standing(case).outcome == "absent"


def test_marks_the_system_set_cannot_be_corrected_by_hand(app: Flask, case: CaraCase) -> None:
    client = case.team.client(app, "facilitator")
    assert client.get(address(case)).status_code == 404


def test_another_sessions_corrections_are_absent(app: Flask, case: CaraCase) -> None:
    attend(case, case.session_a_id, "absent")
    stranger: FlaskClient = client_of(app, make_staff(Role.FACILITATOR))
    assert stranger.get(address(case)).status_code == 404
    assert stranger.post(address(case), data=asked(case)).status_code == 404
    assert standing(case).outcome == "absent"


def test_corrections_page_without_any_says_so(app: Flask, case: CaraCase) -> None:
    assert clock.now() is not None
    assert "No correction waits" in case.team.client(app, "manager").get("/corrections").text
