from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.scheduling.models import Booking, Group, Session
from programme_tracker.workflows.booking import book, refusal_for
from programme_tracker.workflows.groups import GroupPlan, create_group
from programme_tracker.workflows.sessions import SessionPlan, create_session, move_session
from tests.factories.cases import PART_A, CaraCase, cara_case, make_workshops, sam

VOLUNTARY: dict[str, Any] = {
    "caution_reference": None,
    "caution_issued_on": None,
    "caution_expires_on": None,
}


@pytest.fixture
def case(app: Flask) -> Iterator[CaraCase]:
    """Give a man signed off and booked on nothing, with a part A and a part B to come."""
    with app.app_context():
        case = cara_case(booked=False)
        yield case


def path(case: CaraCase) -> str:
    return f"/enrolments/{case.enrolment_id}/book"


def pressed(session_id: int | None, version: int = 1) -> dict[str, str]:
    return {"session": str(session_id), "seen_version": str(version)}


def live(case: CaraCase) -> list[int]:
    found = select(Booking.session_id).where(
        Booking.enrolment_id == case.enrolment_id, Booking.ended_at.is_(None)
    )
    return sorted(db.session.scalars(found))


def workshop(case: CaraCase, part: str, starts: datetime) -> int:
    plan = SessionPlan("cara", starts, [case.team.facilitator.staff_id or 0], part=part)
    return create_session(plan, actor=case.team.lead, now=clock.now()).id


def test_page_offers_part_a_and_says_why_not_b(app: Flask, case: CaraCase) -> None:
    page = case.team.client(app, "lead").get(path(case)).text
    assert "The caution and its two parts" in page
    assert "Sam O&#39;Brien-Łukasz" in page
    assert page.count("Book part A<") == 1
    assert "Book part B<" not in page
    assert "Book part A first: part B follows it." in page


def test_booking_says_which_texts_follow_and_happens_once(app: Flask, case: CaraCase) -> None:
    client = case.team.client(app, "lead")
    for _ in range(2):
        page = client.post(path(case), data=pressed(case.session_a_id), follow_redirects=True).text
        assert "Part A booked for Sat 12 Sep, 10am." in page
        assert "Text sent now; reminders on Sat 5 Sep, 10am, Wed 9 Sep, 10am and Fri 11 Sep, 10am." in page
    assert live(case) == [case.session_a_id]
    assert page.count("Book part B<") == 1


@pytest.mark.parametrize(
    ("part", "starts", "said"),
    [
        ("B", PART_A + timedelta(days=27), "The first day for part B is Sat 10 Oct."),
        ("B", PART_A + timedelta(days=108), "The last day for part B is Mon 28 Dec."),
        ("A", PART_A + timedelta(days=80), "The last day for part A is Mon 30 Nov."),
    ],
)
def test_day_the_caution_does_not_allow_names_one_it_does(
    app: Flask, case: CaraCase, part: str, starts: datetime, said: str
) -> None:
    book(case.session_a_id or 0, case.enrolment_id, actor=case.team.lead, now=clock.now())
    session_id = workshop(case, part, starts)
    client = case.team.client(app, "lead")
    assert said in client.get(path(case)).text
    response = client.post(path(case), data=pressed(session_id))
    assert response.status_code == 422
    assert "Not booked" in response.text
    assert live(case) == [case.session_a_id]


def test_full_workshop_has_no_button(app: Flask, case: CaraCase) -> None:
    db.session.get_one(Session, case.session_a_id).capacity = 0
    db.session.commit()
    page = case.team.client(app, "lead").get(path(case)).text
    assert "Every place is taken. Choose another session." in page
    assert "Book part A<" not in page


def test_moving_to_another_day_says_what_is_given_up(app: Flask, case: CaraCase) -> None:
    book(case.session_a_id or 0, case.enrolment_id, actor=case.team.lead, now=clock.now())
    other = workshop(case, "A", PART_A - timedelta(days=2))
    client = case.team.client(app, "lead")
    assert "Gives up Sat 12 Sep, 10am." in client.get(path(case)).text
    client.post(path(case), data=pressed(other))
    assert live(case) == [other]


def test_same_part_at_the_same_hour_elsewhere_is_no_clash(case: CaraCase) -> None:
    book(case.session_a_id or 0, case.enrolment_id, actor=case.team.lead, now=clock.now())
    plan = SessionPlan("cara", PART_A, [case.team.manager.staff_id or 0], part="A", venue="Hall 2")
    session = create_session(plan, actor=case.team.lead, now=clock.now())
    enrolment = db.session.get_one(Enrolment, case.enrolment_id)
    assert refusal_for(session, enrolment, clock.now()) is None
    first = db.session.get_one(Session, case.session_a_id)
    refused = refusal_for(first, enrolment, clock.now())
    assert refused is not None
    assert refused.code is Code.NOT_ALLOWED


def test_nothing_can_be_booked_before_the_sign_off(app: Flask, case: CaraCase) -> None:
    person = sam(name="Ali Example", mobile="07700 900102")
    waiting = cara_case(case.team, person=person, signed_off=False)
    page = case.team.client(app, "lead").get(path(waiting)).text
    assert "Victim safety has not signed this off." in page
    assert "Book part A<" not in page
    response = case.team.client(app, "lead").post(path(waiting), data=pressed(case.session_a_id))
    assert response.status_code == 422
    assert live(waiting) == []


def test_session_moved_meanwhile_is_shown_before_it_is_booked(app: Flask, case: CaraCase) -> None:
    starts = PART_A - timedelta(days=1)
    move_session(case.session_a_id or 0, starts, actor=case.team.lead, now=clock.now())
    response = case.team.client(app, "lead").post(path(case), data=pressed(case.session_a_id))
    assert response.status_code == 422
    assert "it is Fri 11 Sep, 10am now" in response.text
    assert live(case) == []


def test_booking_warns_where_no_text_arrives(app: Flask, case: CaraCase) -> None:
    db.session.get_one(Participant, case.participant_id).mobile = None
    db.session.commit()
    client = case.team.client(app, "lead")
    page = client.post(path(case), data=pressed(case.session_a_id), follow_redirects=True).text
    assert "There is no mobile number, so ring or write about it." in page


@pytest.mark.parametrize("who", ["facilitator", "officer", "worker", "enforcement", "admin"])
def test_booking_is_absent_for_other_roles(app: Flask, case: CaraCase, who: str) -> None:
    client = case.team.client(app, who)
    assert client.get(path(case)).status_code == 404
    assert client.post(path(case), data=pressed(case.session_a_id)).status_code == 404
    assert live(case) == []


def test_booking_of_what_is_not_there_is_absent(app: Flask, case: CaraCase) -> None:
    client = case.team.client(app, "lead")
    assert client.get("/enrolments/999/book").status_code == 404
    assert client.post(path(case), data=pressed(999)).status_code == 404
    assert client.get("/bookings/999/take-off").status_code == 404


def test_taking_off_asks_why(app: Flask, case: CaraCase) -> None:
    done = book(case.session_a_id or 0, case.enrolment_id, actor=case.team.lead, now=clock.now())
    client, address = case.team.client(app, "lead"), f"/bookings/{done.booking.id}/take-off"
    assert "Take Sam O&#39;Brien-Łukasz off" in client.get(address).text
    assert client.post(address).status_code == 422
    for _ in range(2):
        page = client.post(address, data={"why": "Asked for another day"}, follow_redirects=True).text
        assert "was taken off." in page
    assert live(case) == []
    assert "no mobile" not in page


def test_one_to_one_is_made_and_booked_from_the_page(app: Flask, case: CaraCase) -> None:
    person = sam(name="Bo Example", mobile="07700 900104")
    bo = cara_case(
        case.team, person=person, booked=False, sessions=(None, None), programme_code="baseline", **VOLUNTARY
    )
    client, address = case.team.client(app, "lead"), f"{path(bo)}/one-to-one"
    assert "Meet them yourself" in client.get(path(bo)).text
    data = {"kind": "one_to_one", "on-day": "10", "on-month": "9", "on-year": "2026", "starts": "2.30"}
    for _ in range(2):
        page = client.post(address, data=data, follow_redirects=True).text
        assert "Baseline one-to-one booked for Thu 10 Sep, 2.30pm." in page
        assert "reminder on Wed 9 Sep, 10am." in page
    (session_id,) = live(bo)
    staff = db.session.get_one(Session, session_id).staff
    assert [one.id for one in staff] == [case.team.lead.staff_id]
    refused = client.post(address, data=data | {"on-month": "8", "venue": "O'Brien <Hall>"})
    assert refused.status_code == 422
    assert "Choose a time still to come" in refused.text
    assert "O&#39;Brien &lt;Hall&gt;" in refused.text


def test_group_is_joined_from_the_page(app: Flask, case: CaraCase) -> None:
    person = sam(name="Cy Example", mobile="07700 900105", born_on=date(1985, 1, 1))
    cy = cara_case(
        case.team, person=person, booked=False, sessions=(None, None), programme_code="radar", **VOLUNTARY
    )
    starts = datetime(2026, 9, 10, 18, 30)  # noqa: DTZ001 - a wall time
    plan = GroupPlan("Thursday RADAR", "radar", starts, [case.team.facilitator.staff_id or 0], sessions=3)
    group_id = create_group(plan, actor=case.team.lead, now=clock.now()).id
    client = case.team.client(app, "lead")
    assert "Thursday RADAR" in client.get(path(cy)).text
    for _ in range(2):
        page = client.post(f"{path(cy)}/group", data={"group": str(group_id)}, follow_redirects=True).text
    assert "In this group" in page
    assert len(live(cy)) == 3
    assert client.post(f"{path(cy)}/group", data={"group": "999"}).status_code == 404
    db.session.get_one(Group, group_id).capacity = 1
    db.session.commit()
    person = sam(name="Di Example", mobile="07700 900106", born_on=date(1986, 1, 1))
    di = cara_case(
        case.team, person=person, booked=False, sessions=(None, None), programme_code="radar", **VOLUNTARY
    )
    assert "Wait for a place" in client.get(path(di)).text
    data = {"group": str(group_id), "wait": "yes"}
    page = client.post(f"{path(di)}/group", data=data, follow_redirects=True).text
    assert "Waiting for a place in Thursday RADAR." in page


def test_page_without_workshops_says_so(app: Flask, case: CaraCase) -> None:
    person = sam(name="Ed Example", mobile="07700 900107", born_on=date(1987, 1, 1))
    ed = cara_case(case.team, person=person, sessions=make_workshops(case.team, None, None))
    page = case.team.client(app, "lead").get(path(ed)).text
    assert "Part A, to come" in page
