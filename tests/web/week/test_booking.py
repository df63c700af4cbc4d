from datetime import datetime

from flask import Flask

from programme_tracker.scheduling.queries import live_bookings
from tests.factories.cases import make_team, sam
from tests.factories.voluntary import Enrolled, enrolled, meet, wall

MONDAY = wall(9, 7, 10)


def path_of(case: Enrolled) -> str:
    return f"/enrolments/{case.enrolment_id}/appointments/"


def typed(case: Enrolled, at: datetime, weeks: int = 1, **given: str) -> dict[str, str]:
    content = {
        "about": str(case.enrolment_id),
        "kind": "one_to_one",
        "on-day": str(at.day),
        "on-month": str(at.month),
        "on-year": str(at.year),
        "starts": f"{at:%H:%M}",
        "venue": "Room 1",
        "weeks": str(weeks),
    }
    return content | given


def test_second_tap_books_the_hour_a_week_after_the_last(app: Flask, case: Enrolled) -> None:
    meet(case, MONDAY, venue="Room 1")
    client = case.client(app)
    assert path_of(case) in client.get(f"/enrolments/{case.enrolment_id}").text
    page = client.get(path_of(case)).text
    assert 'name="on-day" value="14"' in page
    assert 'name="on-month" value="9"' in page
    assert 'value="10:00"' in page
    assert 'value="Room 1"' in page
    answer = client.post(
        path_of(case),
        data=typed(case, wall(9, 14, 10)),
        follow_redirects=True,
    ).text
    assert "Appointment booked for Mon 14 Sep, 10am." in answer
    assert "reminder" in answer.lower()


def test_first_appointment_is_suggested_for_the_next_working_morning(app: Flask, case: Enrolled) -> None:
    page = case.client(app).get(path_of(case)).text
    assert 'name="on-day" value="2"' in page


def test_same_form_twice_books_once(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    for _ in range(2):
        assert client.post(path_of(case), data=typed(case, MONDAY)).status_code == 303
    assert len(live_bookings(case.enrolment_id)) == 1


def test_weekly_shows_the_dates_before_anything_is_booked(app: Flask, case: Enrolled) -> None:
    client, first = case.client(app), wall(12, 14, 10)
    page = client.post(path_of(case), data=typed(case, first, 3)).text
    for shown in (
        "Mon 14 Dec",
        "Mon 21 Dec",
        "Mon 4 Jan",
        "Mon 28 Dec</time> is left out",
        "Nothing is booked",
    ):
        assert shown in page
    assert not live_bookings(case.enrolment_id)
    done = client.post(path_of(case), data=typed(case, first, 3, confirmed="yes"), follow_redirects=True)
    assert "Three appointments booked, from Mon 14 Dec, 10am to Mon 4 Jan 2027." in done.text
    assert len(live_bookings(case.enrolment_id)) == 3


def test_a_date_that_cannot_be_booked_is_named_and_none_is_booked(app: Flask, case: Enrolled) -> None:
    other = enrolled(team=case.team, person=sam(name="Ted Example", mobile="07700 900102"))
    meet(other, wall(9, 14, 10, 30))
    client = case.client(app)
    for confirmed in ({}, {"confirmed": "yes"}):
        page = client.post(path_of(case), data=typed(case, MONDAY, 2, **confirmed))
        assert page.status_code == 422
        assert "You are busy then." in page.text
        assert 'value="Room 1"' in page.text
    assert not live_bookings(case.enrolment_id)


def test_refusals_keep_what_was_typed(app: Flask, case: Enrolled) -> None:
    client = case.client(app)
    for at, said in (
        (wall(8, 28, 10), "Choose a time still to come."),
        (wall(12, 25, 10), "That day is a bank holiday. Choose another day."),
    ):
        page = client.post(path_of(case), data=typed(case, at))
        assert page.status_code == 422
        assert said in page.text
        assert 'value="Room 1"' in page.text
    for wrong in ({"weeks": "27"}, {"weeks": "0"}, {"starts": ""}, {"on-day": "31"}):
        assert client.post(path_of(case), data=typed(case, MONDAY) | wrong).status_code == 422
    assert not live_bookings(case.enrolment_id)


def test_before_the_sign_off_nothing_can_be_booked(app: Flask) -> None:
    with app.app_context():
        case = enrolled(signed_off=False)
        client = case.client(app)
        page = client.get(path_of(case)).text
        assert "Victim safety has not signed this off" in page
        assert "Book the appointment</button>" not in page
        assert client.post(path_of(case), data=typed(case, MONDAY)).status_code == 422
        assert not live_bookings(case.enrolment_id)


def test_form_made_for_somebody_else_books_nothing(app: Flask, case: Enrolled) -> None:
    page = case.client(app).post(path_of(case), data=typed(case, MONDAY, about="999"))
    assert page.status_code == 422
    assert "about somebody else" in page.text
    assert not live_bookings(case.enrolment_id)


def test_booking_is_absent_for_others(app: Flask) -> None:
    with app.app_context():
        case = enrolled(team=make_team())
        for who in ("facilitator", "worker", "officer", "enforcement", "admin"):
            assert case.client(app, who).get(path_of(case)).status_code == 404
        assert case.client(app).get("/enrolments/999/appointments/").status_code == 404
