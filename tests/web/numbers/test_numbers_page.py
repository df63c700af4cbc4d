"""The worklist of numbers: why each person is on it, and the one thing to do."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from programme_tracker.kernel import clock
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code
from programme_tracker.messaging.providers.recording import RecordingProvider
from programme_tracker.messaging.queries import is_suppressed
from programme_tracker.messaging.rules import SuppressionReason
from programme_tracker.messaging.services import suppress_number
from programme_tracker.people.models import Participant
from programme_tracker.people.queries import shares_number
from programme_tracker.workflows.changing_people import PersonChange, change_person, lift_number, share_number
from programme_tracker.workflows.delivering import take_report
from tests.factories.cases import sam
from tests.factories.records import refused, tasks, texts, times_audited
from tests.factories.voluntary import Enrolled, enrolled, meet, move_on, wall

MOBILE = "+447700900101"


@pytest.fixture
def case(app: Flask) -> Iterator[Enrolled]:
    with app.app_context():
        yield enrolled()


@pytest.fixture
def lead(app: Flask, case: Enrolled) -> FlaskClient:
    return case.client(app)


def brother(case: Enrolled, name: str = "His Brother") -> Enrolled:
    return enrolled(team=case.team, person=sam(name=name))


def person(case: Enrolled) -> Participant:
    return db.session.get_one(Participant, case.participant_id, populate_existing=True)


def page(lead: FlaskClient) -> str:
    return lead.get("/numbers/").get_data(as_text=True)


def test_nobody_stands_there_while_texts_reach_everybody(lead: FlaskClient) -> None:
    assert "Texts can reach everybody." in page(lead)


@pytest.mark.parametrize(
    ("mobile", "title", "why"),
    [
        (None, "No number", "Enter a mobile number, or ring instead."),
        ("+442079460018", "Not a mobile number", "020 7946 0018: This is a landline"),
    ],
)
def test_number_that_cannot_be_texted_is_listed_with_why(
    case: Enrolled, lead: FlaskClient, mobile: str | None, title: str, why: str
) -> None:
    person(case).mobile = mobile
    db.session.commit()
    shown = page(lead)
    assert title in shown
    assert why in shown
    assert f"/enrolments/{case.enrolment_id}/details" in shown


def test_brothers_are_listed_until_sharing_is_allowed_and_a_third_asks_again(
    app: Flask, case: Enrolled
) -> None:
    second = brother(case)
    meet(case, wall(9, 17, 14))
    provider = move_on(wall(9, 1, 12))
    assert provider.sent == []
    assert "07700 900101 is also the number of His Brother." in page(case.client(app))
    address = f"/enrolments/{case.enrolment_id}/share-number"
    sent = {"about": str(case.enrolment_id), "reason": "Brothers, one phone"}
    assert "Sharing allowed." in case.client(app).post(address, data=sent, follow_redirects=True).text
    assert "Texts can reach everybody." in page(case.client(app))
    assert not tasks("check_number")
    assert times_audited("participant.sharing_allowed") == 1
    assert [text.to for text in move_on(wall(9, 1, 13), provider).sent] == [MOBILE]
    third = brother(case, "Seán O'Brien-Łukasz")
    assert [shares_number(person(one)) for one in (case, second, third)] == [True] * 3
    assert "Seán O&#39;Brien-Łukasz" in page(case.client(app))


def test_leave_to_share_is_for_that_number_alone(case: Enrolled) -> None:
    second = brother(case)
    share_number(case.participant_id, "one phone", actor=case.team.lead, now=clock.now())
    for one in (case, second):
        change = PersonChange(mobile="07700 900177")
        change_person(one.participant_id, change, actor=case.team.lead, now=clock.now())
    assert shares_number(person(case))


def test_sharing_is_refused_where_nobody_shares(case: Enrolled) -> None:
    with refused(Code.NOT_ALLOWED):
        share_number(case.participant_id, "why", actor=case.team.lead, now=clock.now())
    with refused(Code.NOT_ALLOWED):
        share_number(case.participant_id, "why", actor=case.team.facilitator, now=clock.now())


def test_number_held_back_is_let_go_with_a_reason(case: Enrolled, lead: FlaskClient) -> None:
    suppress_number(MOBILE, SuppressionReason.UNDELIVERABLE, actor=SYSTEM, now=clock.now())
    assert "Texts could not be delivered to it." in page(lead)
    address = f"/enrolments/{case.enrolment_id}/lift-number"
    assert "Say why" in lead.post(address, data={"about": str(case.enrolment_id)}).text
    sent = {"about": str(case.enrolment_id), "reason": "He says it works again"}
    assert "Texts may go to this number again." in lead.post(address, data=sent, follow_redirects=True).text
    assert not is_suppressed(MOBILE)


def test_number_of_a_wrong_person_is_only_unusable_here(case: Enrolled, lead: FlaskClient) -> None:
    suppress_number(MOBILE, SuppressionReason.WRONG_PERSON, actor=SYSTEM, now=clock.now())
    shown = page(lead)
    assert "Number unusable. Ask for another." in shown
    assert "wrong person" not in shown
    with refused(Code.NUMBER_UNUSABLE):
        lift_number(case.participant_id, "why", actor=case.team.lead, now=clock.now())
    assert is_suppressed(MOBILE)


def test_number_whose_last_text_failed_is_listed_until_one_arrives(app: Flask, case: Enrolled) -> None:
    session_id = meet(case, wall(9, 17, 14))
    provider = move_on(wall(9, 1, 12), RecordingProvider())
    take_report("undelivered", now=clock.now(), message_id=texts(session_id, "booked")[0].id)
    assert "Ring, and check the number." in page(case.client(app))
    move_on(wall(9, 16, 12), provider)
    take_report("delivered", now=clock.now(), message_id=texts(session_id, "reminder")[-1].id)
    assert "Ring, and check the number." not in page(case.client(app))


def test_page_asks_as_often_for_three_as_for_one(case: Enrolled, lead: FlaskClient) -> None:
    def asked() -> int:
        seen: list[str] = []
        db.session.rollback()

        def note(*given: object) -> None:
            seen.append(str(given[2]))

        event.listen(db.engine, "before_cursor_execute", note)
        page(lead)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    person(case).mobile = None
    db.session.commit()
    page(lead)
    one = asked()
    for number in range(2):
        other = brother(case, f"Brother {number}")
        person(other).mobile = None
        db.session.commit()
    assert asked() == one


@pytest.mark.parametrize("who", ["facilitator", "worker", "officer", "enforcement", "admin"])
def test_others_find_no_such_page(app: Flask, case: Enrolled, who: str) -> None:
    client = case.client(app, who)
    assert client.get("/numbers/").status_code == 404
    assert client.get(f"/enrolments/{case.enrolment_id}/share-number").status_code == 404
