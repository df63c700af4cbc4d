import re
from datetime import datetime

from flask import Flask

from programme_tracker.attendance.queries import mark_of, submission_of
from programme_tracker.kernel.working_time import from_local
from programme_tracker.scheduling.queries import live_bookings
from tests.factories import records
from tests.factories.cases import go_to
from tests.factories.voluntary import Enrolled, meet, wall

CHRISTMAS = {"on-day": "25", "on-month": "12", "starts": "11:00"}
SHOWN = "Sam O&#39;Brien-Łukasz"


def held(case: Enrolled) -> int:
    """Book Monday's appointment and go to its end."""
    session_id = meet(case, wall(9, 7), venue="Room 1")
    go_to(wall(9, 7, 11, 5))
    return session_id


def path_of(session_id: int) -> str:
    return f"/week/sessions/{session_id}/record"


def typed(session_id: int, outcome: str = "attended", **given: str) -> dict[str, str]:
    content = {
        "about": str(session_id),
        "token": "a" * 32,
        "outcome": outcome,
        "book_next": "yes",
        "on-day": "14",
        "on-month": "9",
        "on-year": "2026",
        "starts": "10:00",
        "venue": "Room 1",
    }
    return content | given


def outcome_of(case: Enrolled, session_id: int) -> str | None:
    mark = mark_of(session_id, case.enrolment_id)
    return mark.outcome if mark else None


def starts_of(case: Enrolled) -> list[datetime]:
    return [booking.session.starts_at for booking in live_bookings(case.enrolment_id)]


def test_outcome_and_next_appointment_in_one_form(app: Flask, case: Enrolled) -> None:
    session_id = held(case)
    client = case.client(app)
    page = client.get(path_of(session_id)).text
    assert SHOWN in page
    assert 'name="on-day" value="14"' in page
    assert "No-show" in page
    answer = client.post(path_of(session_id), data=typed(session_id), follow_redirects=True).text
    assert f"Recorded for {SHOWN}: attended." in answer
    assert "Next appointment: Mon 14 Sep, 10am." in answer
    assert outcome_of(case, session_id) == "attended"
    assert starts_of(case) == [from_local(wall(9, 7)), from_local(wall(9, 14))]


def test_same_form_twice_is_one_register_and_one_booking(app: Flask, case: Enrolled) -> None:
    session_id = held(case)
    client = case.client(app)
    for _ in range(2):
        assert client.post(path_of(session_id), data=typed(session_id)).status_code == 303
    assert len(starts_of(case)) == 2
    assert records.times_audited("register.submitted") == 1


def test_refused_booking_leaves_the_register_and_the_typed_date(app: Flask, case: Enrolled) -> None:
    session_id = held(case)
    client = case.client(app)
    answer = client.post(path_of(session_id), data=typed(session_id) | CHRISTMAS)
    assert answer.status_code == 422
    assert (
        "The next appointment was not booked. That day is a bank holiday. Choose another day." in answer.text
    )
    assert "The register is in: attended." in answer.text
    assert 'name="on-day" value="25"' in answer.text
    assert 'value="11:00"' in answer.text
    assert 'name="outcome"' not in answer.text
    assert outcome_of(case, session_id) == "attended"
    again = re.findall(r'type="hidden" name="(about|token)" value="([^"]+)"', answer.text)
    sent = {name: value for name, value in typed(session_id).items() if name != "outcome"} | dict(again)
    assert client.post(path_of(session_id), data=sent).status_code == 303
    assert starts_of(case)[-1] == from_local(wall(9, 14))


def test_nothing_is_saved_while_something_is_missing(app: Flask, case: Enrolled) -> None:
    session_id = held(case)
    client = case.client(app)
    for wrong, said in (
        ({"outcome": ""}, "Choose how it went"),
        ({"outcome": "left_early"}, "Write a short note of what happened."),
        ({"outcome": "absent_acceptable"}, "reason"),
        ({"on-day": "", "on-month": "", "on-year": ""}, "Enter the date you meet"),
        ({"starts": ""}, "Enter the start time"),
        ({"about": "999"}, "about another appointment"),
    ):
        answer = client.post(path_of(session_id), data=typed(session_id) | wrong)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'value="Room 1"' in answer.text
    assert submission_of(session_id) is None
    assert len(starts_of(case)) == 1


def test_outcome_alone_needs_no_next_date(app: Flask, case: Enrolled) -> None:
    session_id = held(case)
    sent = typed(session_id, "absent", book_next="no", **{"on-day": "", "on-month": "", "on-year": ""})
    answer = case.client(app).post(path_of(session_id), data=sent, follow_redirects=True).text
    assert f"Recorded for {SHOWN}: absent." in answer
    assert "The lead follows this up." in answer
    assert len(starts_of(case)) == 1


def test_somebody_elses_register_is_never_written_over(app: Flask, case: Enrolled) -> None:
    session_id = held(case)
    first = case.client(app, "manager")
    assert first.post(path_of(session_id), data=typed(session_id, book_next="no")).status_code == 303
    mine = typed(session_id, "absent", token="b" * 32)
    answer = case.client(app).post(path_of(session_id), data=mine)
    assert answer.status_code == 422
    assert "Somebody recorded this meanwhile." in answer.text
    assert outcome_of(case, session_id) == "attended"
    assert len(starts_of(case)) == 1


def test_next_appointment_booked_already_is_not_asked_for_again(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, wall(9, 7))
    meet(case, wall(9, 21))
    go_to(wall(9, 7, 11))
    page = case.client(app).get(path_of(session_id)).text
    assert "The next one is booked already" in page
    assert re.search(r'checked[^>]*name="book_next"[^>]*value="no"', page)


def test_record_is_absent_before_the_start_and_for_others(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, wall(9, 7))
    assert case.client(app).get(path_of(session_id)).status_code == 303
    go_to(wall(9, 7, 11))
    for who in ("facilitator", "worker", "officer", "enforcement", "admin"):
        assert case.client(app, who).get(path_of(session_id)).status_code == 404
        assert case.client(app, who).post(path_of(session_id), data=typed(session_id)).status_code == 404
    assert case.client(app).get(path_of(999)).status_code == 404
