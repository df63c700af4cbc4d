"""The door where a phone hands in a register: once, never over another, and refused with a code."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from programme_tracker.accounts.sessions import end_sessions_of
from programme_tracker.attendance.models import Mark, RegisterSubmission
from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import SYSTEM, Role
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import from_local
from programme_tracker.referrals.rules import SuspensionReason
from programme_tracker.scheduling.models import Booking, Session
from programme_tracker.scheduling.services import set_cancelled, set_start
from programme_tracker.workflows.booking import unbook
from programme_tracker.workflows.suspending import suspend
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import PART_A, CaraCase, attend, cara_case, go_to, sam
from tests.web.offline.phones import hand_in, sheet, standing

BEGUN = PART_A + timedelta(minutes=10)
ABSENT = {"outcome": "absent"}


@pytest.fixture
def phone(app: Flask, case: CaraCase) -> FlaskClient:
    """Give the facilitator's phone, ten minutes after the session began."""
    go_to(BEGUN)
    return case.team.client(app, "facilitator")


def counted(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.each_store
def test_register_handed_in_any_number_of_times_is_one(case: CaraCase, phone: FlaskClient) -> None:
    body = sheet(case.session_a_id, {case.enrolment_id: ABSENT})
    first, again = hand_in(phone, body), hand_in(phone, body)
    assert first == again
    status, told = first
    assert (status, told["state"], told["at"]) == (200, "taken", "10.10am")
    assert phone.get(told["url"]).status_code == 200
    assert (counted(RegisterSubmission), counted(Mark)) == (1, 1)
    assert standing(case.session_a_id) == {case.enrolment_id: "absent"}


def test_same_register_by_the_form_and_by_the_phone_is_one(case: CaraCase, phone: FlaskClient) -> None:
    body = sheet(case.session_a_id, {case.enrolment_id: ABSENT})
    answer = phone.post(f"/sessions/{case.session_a_id}/register", data=body)
    assert answer.status_code == 303
    assert hand_in(phone, body)[1]["url"] == answer.location
    assert f'data-submission="{body["token"]}"' in phone.get(answer.location).text


def test_same_id_with_other_marks_is_laid_beside_and_never_taken(case: CaraCase, phone: FlaskClient) -> None:
    body = sheet(case.session_a_id, {case.enrolment_id: ABSENT})
    assert hand_in(phone, body)[0] == 200
    changed = body | {f"m-{case.enrolment_id}-outcome": "attended"}
    status, told = hand_in(phone, changed)
    assert (status, told["error"]) == (409, "submitted_meanwhile")
    page = phone.post(f"/sessions/{case.session_a_id}/register", data=changed)
    assert page.status_code == 409
    assert "Correct to “Attended”" in page.text
    assert standing(case.session_a_id) == {case.enrolment_id: "absent"}


def test_register_of_a_colleague_meanwhile_stands_and_both_are_told(
    app: Flask, case: CaraCase, phone: FlaskClient
) -> None:
    theirs = sheet(case.session_a_id, {case.enrolment_id: {"outcome": "attended"}})
    assert hand_in(case.team.client(app, "lead"), theirs)[0] == 200
    status, told = hand_in(phone, sheet(case.session_a_id, {case.enrolment_id: ABSENT}))
    assert (status, told["error"], told["by"]) == (409, "submitted_meanwhile", "Kit Lead")
    assert told["message"] == "Kit Lead submitted this register Sat 12 Sep, 10.10am, with other marks."
    assert told["differences"] == [
        {"id": case.enrolment_id, "theirs": "Attended", "yours": "Absent", "differs": True}
    ]
    assert standing(case.session_a_id) == {case.enrolment_id: "attended"}


def test_chosen_from_both_a_correction_follows_and_the_phone_is_told_to_forget(
    app: Flask, case: CaraCase, phone: FlaskClient
) -> None:
    attend(case, case.session_a_id, "attended", after=-timedelta(hours=4))
    phone = case.team.client(app, "facilitator")
    body = sheet(case.session_a_id, {case.enrolment_id: ABSENT})
    page = phone.post(f"/sessions/{case.session_a_id}/register", data=body)
    assert f"settled={body['token']}" in page.text
    chosen = body | {f"m-{case.enrolment_id}-apply": "yes", "why": "I stood at the door"}
    done = phone.post(f"/sessions/{case.session_a_id}/register/differences", data=chosen)
    assert f'data-submission="{body["token"]}"' in phone.get(done.location).text
    assert standing(case.session_a_id) == {case.enrolment_id: "absent"}
    assert 'data-submission="<' not in phone.get(done.location.split("?")[0] + '?settled="><').text


def test_same_marks_by_a_colleague_need_no_choice(app: Flask, case: CaraCase, phone: FlaskClient) -> None:
    for who in ("lead", "facilitator"):
        body = sheet(case.session_a_id, {case.enrolment_id: ABSENT})
        status, told = hand_in(case.team.client(app, who), body)
        assert status == 200
    assert told["by"] == "Kit Lead"
    assert counted(RegisterSubmission) == 1


def test_cancelled_moved_and_not_begun_are_refused_by_name(
    app: Flask, case: CaraCase, phone: FlaskClient
) -> None:
    body = sheet(case.session_a_id, {case.enrolment_id: ABSENT})
    session = db.session.get_one(Session, case.session_a_id)
    set_start(session, from_local(PART_A + timedelta(hours=1)), actor=case.team.lead, now=clock.now())
    status, told = hand_in(phone, body)
    assert (status, told["error"]) == (409, "session_changed")
    assert "it is now Sat 12 Sep, 11am" in told["message"]
    seen = body | {"seen_version": "2"}
    assert hand_in(phone, seen)[1]["error"] == "not_begun"
    session = db.session.get_one(Session, case.session_a_id)
    set_cancelled(session, "no heating", actor=case.team.lead, now=clock.now())
    assert hand_in(phone, seen)[1]["error"] == "session_cancelled"
    assert counted(RegisterSubmission) == 0


def test_marks_of_people_who_are_not_on_it_any_more_are_not_thrown_away(
    app: Flask, case: CaraCase, phone: FlaskClient
) -> None:
    go_to(PART_A - timedelta(days=1))
    other = cara_case(
        case.team,
        person=sam(name="Ali Example", mobile="07700 900102"),
        sessions=(case.session_a_id, case.session_b_id),
    )
    third = cara_case(
        case.team,
        person=sam(name="Bo Example", mobile="07700 900103"),
        sessions=(case.session_a_id, case.session_b_id),
    )
    unbook(other_booking(other), "moved away", actor=case.team.lead, now=clock.now())
    suspend(third.enrolment_id, SuspensionReason.REARREST, actor=case.team.lead, now=clock.now())
    go_to(BEGUN)
    phone = case.team.client(app, "facilitator")
    everybody = {one.enrolment_id: ABSENT for one in (case, other, third)}
    status, told = hand_in(phone, sheet(case.session_a_id, everybody))
    assert (status, told["error"]) == (422, "incomplete")
    assert told["problems"] == {
        str(other.enrolment_id): {"outcome": "Not on this register any more. Take the mark out"},
        str(third.enrolment_id): {"outcome": "Excused: suspended. No mark is needed. Take the mark out"},
    }
    assert hand_in(phone, sheet(case.session_a_id, {case.enrolment_id: ABSENT}))[0] == 200


def other_booking(case: CaraCase) -> int:
    found = select(Booking.id).where(
        Booking.enrolment_id == case.enrolment_id, Booking.session_id == case.session_a_id
    )
    return db.session.scalars(found).one()


def test_what_is_missing_or_cannot_be_is_named_person_by_person(case: CaraCase, phone: FlaskClient) -> None:
    who = str(case.enrolment_id)
    for row, field in (
        ({}, "outcome"),
        ({"outcome": "sent_home"}, "note"),
        ({"arrived": "23:50"}, "arrived"),
        ({"outcome": "excused_provider"}, "outcome"),
    ):
        status, told = hand_in(phone, sheet(case.session_a_id, {case.enrolment_id: row}))
        assert (status, list(told["problems"][who])) == (422, [field])
    assert counted(RegisterSubmission) == 0


def test_note_with_any_letters_is_taken_and_is_the_same_by_form_and_phone(
    case: CaraCase, phone: FlaskClient
) -> None:
    note = "<b>\x00Łukasz’s\nhalf a letter: \ud83d"
    body = sheet(case.session_a_id, {case.enrolment_id: {"outcome": "left_early", "note": note}})
    assert hand_in(phone, body)[0] == 200
    by_form = body | {f"m-{case.enrolment_id}-note": "<b>\ufffdŁukasz’s\r\nhalf a letter: ?"}
    assert phone.post(f"/sessions/{case.session_a_id}/register", data=by_form).status_code == 303


def test_body_without_end_is_refused(case: CaraCase, phone: FlaskClient) -> None:
    address = f"/offline/sessions/{case.session_a_id}/register"
    for body in (b"[" * 200_000, b'{"a":' * 100_000, b"\xff\xfe", b"9" * 9000):
        assert phone.post(address, data=body, content_type="application/json").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        None,
        {"about": 1},
        {"token": "x"},
        {"seen_version": "9" * 40},
        {"seen_version": "-1"},
        {"about": "999"},
        {"m-1-note": "x" * 4001},
        {f"f{number}": "" for number in range(500)},
    ],
)
def test_what_is_no_register_is_refused(case: CaraCase, phone: FlaskClient, body: Any) -> None:
    good = sheet(case.session_a_id, {case.enrolment_id: ABSENT})
    sent = good | body if isinstance(body, dict) else body
    status, told = hand_in(phone, sent, case.session_a_id)
    assert (status, told["error"]) == (400, "not_understood")
    assert counted(RegisterSubmission) == 0


def test_right_lost_meanwhile_looks_like_an_absent_page(
    app: Flask, case: CaraCase, phone: FlaskClient
) -> None:
    body = sheet(case.session_a_id, {case.enrolment_id: ABSENT})
    status, told = hand_in(client_of(app, make_staff(Role.FACILITATOR)), body)
    assert (status, told["error"]) == (404, 404)
    assert hand_in(phone, body, 999)[0] == 404


def test_door_says_whether_a_sign_in_ran_out_or_was_ended(
    app: Flask, case: CaraCase, phone: FlaskClient
) -> None:
    body = sheet(case.session_a_id, {case.enrolment_id: ABSENT})
    address = f"/offline/sessions/{case.session_a_id}/register"
    nobody = app.test_client().post(address, json=body)
    assert (nobody.status_code, nobody.json and nobody.json["ended"]) == (401, False)
    go_to(BEGUN + timedelta(minutes=20))
    idle = phone.post(address, json=body)
    assert (idle.status_code, idle.json and idle.json["ended"]) == (401, False)
    end_sessions_of(case.team.facilitator.staff_id or 0, "everywhere", actor=SYSTEM, now=clock.now())
    ended = phone.post(address, json=body)
    assert (ended.status_code, ended.json and ended.json["ended"]) == (401, True)
    assert hand_in(case.team.client(app, "facilitator"), body)[0] == 200


def test_door_asks_for_the_form_token_of_the_sign_in(app: Flask, case: CaraCase, phone: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    body = sheet(case.session_a_id, {case.enrolment_id: ABSENT})
    address = f"/offline/sessions/{case.session_a_id}/register"
    assert phone.post(address, json=body).status_code == 400
    told = phone.get("/offline/registers").json
    assert told is not None
    stranger = case.team.client(app, "lead")
    assert stranger.post(address, json=body, headers={"X-CSRFToken": told["form_token"]}).status_code == 400
    assert phone.post(address, json=body, headers={"X-CSRFToken": told["form_token"]}).status_code == 200
