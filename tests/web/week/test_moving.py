from datetime import datetime

from flask import Flask

from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import from_local
from programme_tracker.scheduling.models import Session
from tests.factories import records
from tests.factories.cases import go_to
from tests.factories.voluntary import Enrolled, meet, wall


def path_of(session_id: int) -> str:
    return f"/week/sessions/{session_id}/reschedule"


def typed(session_id: int, at: datetime, **given: str) -> dict[str, str]:
    content = {
        "about": str(session_id),
        "seen_version": "1",
        "on-day": str(at.day),
        "on-month": str(at.month),
        "on-year": str(at.year),
        "starts": f"{at:%H:%M}",
        "asked_by": "participant",
        "why": "works late & Łukasz’s shift",
    }
    return content | given


def starts_at(session_id: int) -> datetime:
    db.session.rollback()
    return db.session.get_one(Session, session_id).starts_at


def test_page_of_an_appointment_leads_to_its_own_way_of_moving(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, wall(9, 7))
    page = case.client(app).get(f"/sessions/{session_id}").text
    assert path_of(session_id) in page and "Move the session" not in page


def test_move_is_kept_with_who_asked_and_why(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, wall(9, 7))
    client = case.client(app)
    for wanted, version in ((wall(9, 8, 15), "1"), (wall(9, 9, 16), "2")):
        sent = typed(session_id, wanted, seen_version=version)
        answer = client.post(path_of(session_id), data=sent, follow_redirects=True)
        assert "Victim safety was told. The text goes in 15 minutes." in answer.text
    assert starts_at(session_id) == from_local(wall(9, 9, 16))
    page = client.get(path_of(session_id)).text
    why = "works late &amp; Łukasz’s shift"
    for shown in ("Mon 7 Sep, 10am", "Tue 8 Sep, 3pm", "They did", why, "Kit Lead"):
        assert shown in page
    assert len(records.notices(case.enrolment_id, "programme_change", "victim_safety")) == 2


def test_same_move_twice_is_one(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, wall(9, 7))
    client = case.client(app)
    for _ in range(2):
        assert client.post(path_of(session_id), data=typed(session_id, wall(9, 8, 15))).status_code == 303
    assert records.events("session.moved") == ["session.moved"]


def test_refusals_keep_what_was_typed(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, wall(9, 7))
    meet(case, wall(9, 8, 15))
    client = case.client(app)
    for at, given, said in (
        (wall(8, 28), {}, "Choose a time still to come."),
        (wall(12, 25), {}, "That day is a bank holiday."),
        (wall(9, 8, 15, 30), {}, "busy then"),
        (wall(9, 9), {"why": ""}, "Say why"),
        (wall(9, 9), {"asked_by": ""}, "Choose who asked for another time"),
        (wall(9, 9), {"seen_version": "7"}, "Somebody changed this meanwhile: it is Mon 7 Sep, 10am now."),
        (wall(9, 9), {"about": "999"}, "Somebody changed this meanwhile"),
    ):
        answer = client.post(path_of(session_id), data=typed(session_id, at, **given))
        assert answer.status_code == 422
        assert said in answer.text
        assert f'name="on-day" value="{at.day}"' in answer.text
    assert starts_at(session_id) == from_local(wall(9, 7))


def test_what_has_begun_cannot_be_moved(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, wall(9, 7))
    go_to(wall(9, 7, 10, 30))
    client = case.client(app)
    assert "has begun or was cancelled" in client.get(path_of(session_id)).text
    assert client.post(path_of(session_id), data=typed(session_id, wall(9, 8))).status_code == 422


def test_reschedule_is_absent_for_others(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, wall(9, 7))
    for who in ("facilitator", "worker", "officer", "enforcement", "admin"):
        assert case.client(app, who).get(path_of(session_id)).status_code == 404
    assert case.client(app).get(path_of(999)).status_code == 404
