"""One text's page: its life in words, who may read it, and taking it back."""

import pytest
from flask import Flask

from programme_tracker.jobs.due import run_due
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.messaging.rules import BlockedReason, MessageState
from programme_tracker.web.texts.wording import BLOCKED, STEPS
from programme_tracker.workflows.answering import WHY_NOT
from programme_tracker.workflows.delivering import take_report
from programme_tracker.workflows.replying import receive_reply
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import texts, times_audited

case, sqlite_template = ready.case, ready.sqlite_template


def booked(case: CaraCase) -> Message:
    return texts(case.session_a_id, "booked")[0]


def test_every_state_and_reason_has_its_words() -> None:
    assert set(STEPS) == set(MessageState)
    assert set(BLOCKED) == set(BlockedReason)
    about_sessions = {BlockedReason.SESSION_CHANGED, BlockedReason.OUTCOME_RECORDED, BlockedReason.EXPIRED}
    to_staff = {BlockedReason.ALREADY_READ, BlockedReason.NO_ADDRESS, BlockedReason.ACCOUNT_DISABLED}
    assert set(WHY_NOT) == set(BlockedReason) - about_sessions - to_staff


def test_life_of_a_text_is_a_line_of_steps(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    provider = RecordingProvider()
    run_due(provider, now=clock.now())
    gone = booked(case)
    take_report("sent", message_id=gone.id, now=clock.now())
    take_report("undelivered", message_id=gone.id, error_code="30003", now=clock.now())
    text = case.team.client(app, "lead").get(f"/messages/{gone.id}").text
    for said in (
        "Booking text",
        "Planned",
        "Taken up",
        "Handed to the provider",
        "Attempt 1.",
        "The provider has it",
        "On its way to the phone",
        "The provider says: it did not arrive.",
        "The phone was off or out of reach (code 30003).",
        "07700 900101",
        "template version",
    ):
        assert said in text, said
    assert "claimed by" not in text


def test_blocked_text_says_why(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    receive_reply("+447700900101", "STOP", now=clock.now())
    run_due(RecordingProvider(), now=clock.now())
    text = case.team.client(app, "manager").get(f"/messages/{booked(case).id}").text
    assert "It was not sent." in text and "They had asked for no more texts." in text


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("lead", 200),
        ("manager", 200),
        ("worker", 200),
        ("facilitator", 404),
        ("officer", 404),
        ("enforcement", 404),
        ("admin", 404),
    ],
)
def test_text_is_there_for_those_who_may_read_it(app: Flask, case: CaraCase, who: str, status: int) -> None:
    client = case.team.client(app, who)
    assert client.get(f"/messages/{booked(case).id}").status_code == status
    assert client.get("/messages/999999").status_code == 404


def test_cancelling_says_cancelled_or_too_late_and_is_right(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    lead = case.team.client(app, "lead")
    planned_id = texts(case.session_a_id, "reminder")[0].id
    run_due(RecordingProvider(), now=clock.now())
    for _ in range(2):
        answer = lead.post(f"/messages/{planned_id}/cancel", follow_redirects=True)
        assert "It has not gone and will not go." in answer.text
    late = lead.post(f"/messages/{booked(case).id}/cancel", follow_redirects=True)
    assert "Too late, it has gone." in late.text
    db.session.expire_all()
    assert db.session.get_one(Message, planned_id).state is MessageState.CANCELLED
    assert booked(case).state is MessageState.ACCEPTED
    assert times_audited("message.cancelled", cause="taken back by hand") == 1
    assert "Taken back by hand." in lead.get(f"/messages/{planned_id}").text


def test_only_those_who_answer_may_cancel(app: Flask, case: CaraCase) -> None:
    for who in ("worker", "facilitator", "officer"):
        assert case.team.client(app, who).post(f"/messages/{booked(case).id}/cancel").status_code == 404
    assert booked(case).state is MessageState.PLANNED


def test_texts_are_reached_from_the_person_and_the_session(app: Flask, case: CaraCase) -> None:
    lead = case.team.client(app, "lead")
    path = f'href="/messages/{booked(case).id}"'
    assert path in lead.get(f"/enrolments/{case.enrolment_id}").text
    run_due(RecordingProvider(), now=ready.START)
    assert path in lead.get(f"/sessions/{case.session_a_id}").text
    assert path not in case.team.client(app, "facilitator").get(f"/sessions/{case.session_a_id}").text
