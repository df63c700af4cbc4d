import re
from collections.abc import Iterator

import pytest
from flask import Flask

from programme_tracker.kernel import clock as kernel_clock
from programme_tracker.kernel.database import db
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.queries import gate_history
from programme_tracker.referrals.rules import Gate
from programme_tracker.workflows.referring import sign_off
from tests.factories.cases import CaraCase, cara_case

SHOWN = "Sam O&#39;Brien-Łukasz"


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    """Run every test inside the application's context."""
    with app.app_context():
        yield


@pytest.fixture
def case() -> CaraCase:
    """Give an enrolment whose sign-off waits."""
    return cara_case(signed_off=False)


def gate(case: CaraCase) -> str:
    return db.session.get_one(Enrolment, case.enrolment_id).gate


def test_waiting_sign_off_is_listed_with_what_is_needed_to_decide(app: Flask, case: CaraCase) -> None:
    worker = case.team.client(app, "worker")
    assert SHOWN in worker.get("/sign-offs/").text
    page = worker.get(f"/sign-offs/{case.enrolment_id}").text
    for needed in (SHOWN, "07700 900101", "Medium risk", "C/2026/0117", "28 December 2026", "Pat Officer"):
        assert needed in page


def test_sign_off_granted_says_what_follows(app: Flask, case: CaraCase) -> None:
    page = case.team.client(app, "worker").post(
        f"/sign-offs/{case.enrolment_id}", data={"decision": "granted"}, follow_redirects=True
    )
    assert "Sign-off granted." in page.text
    assert "Sessions can be booked now" in page.text
    assert gate(case) == Gate.GRANTED


def test_sign_off_refused_needs_a_reason_and_keeps_the_choice(app: Flask, case: CaraCase) -> None:
    worker = case.team.client(app, "worker")
    page = worker.post(f"/sign-offs/{case.enrolment_id}", data={"decision": "refused"})
    assert page.status_code == 422
    assert "Say why you refuse the sign-off" in page.text
    assert re.search(r"<input[^>]*checked[^>]*value=\"refused\"", page.text)
    worker.post(f"/sign-offs/{case.enrolment_id}", data={"decision": "refused", "reason": "Not safe"})
    assert gate(case) == Gate.REFUSED


def test_sign_off_withdrawn_asks_once_and_names_the_consequence(app: Flask) -> None:
    case = cara_case()
    worker = case.team.client(app, "worker")
    path = f"/sign-offs/{case.enrolment_id}/withdraw"
    assert "Every text to the participant stops at once" in worker.get(path).text
    assert gate(case) == Gate.GRANTED
    assert worker.post(path, data={"reason": ""}).status_code == 422
    page = worker.post(path, data={"reason": "She <asked>"}, follow_redirects=True)
    assert "Every text to the participant has stopped" in page.text
    assert "She &lt;asked&gt;" in page.text
    enrolment = db.session.get_one(Enrolment, case.enrolment_id)
    assert (enrolment.gate, enrolment.status) == (Gate.WITHDRAWN, "suspended")


def test_reason_of_victim_safety_is_hidden_from_the_manager(app: Flask, case: CaraCase) -> None:
    sign_off(
        case.enrolment_id,
        Gate.REFUSED,
        actor=case.team.worker,
        now=kernel_clock.now(),
        reason="What she said",
    )
    page = case.team.client(app, "manager").get(f"/sign-offs/{case.enrolment_id}").text
    assert "Sign-off refused" in page
    assert "What she said" not in page
    assert "What she said" not in case.team.client(app, "lead").get("/enrolments/1").text
    assert "What she said" in case.team.client(app, "worker").get("/sign-offs/1").text


def test_manager_says_that_no_sign_off_applies(app: Flask, case: CaraCase) -> None:
    manager = case.team.client(app, "manager")
    path = f"/sign-offs/{case.enrolment_id}/not-applicable"
    assert manager.get(path).status_code == 200
    assert manager.post(path, data={}).status_code == 422
    page = manager.post(path, data={"reason": "No partner"}, follow_redirects=True).text
    assert "No partner" in page
    assert gate(case) == Gate.NOT_APPLICABLE
    assert [row.decision for row in gate_history(case.enrolment_id)] == ["not_applicable", "pending"]


def test_decision_made_meanwhile_is_not_overwritten(app: Flask, case: CaraCase) -> None:
    worker = case.team.client(app, "worker")
    sign_off(case.enrolment_id, Gate.REFUSED, actor=case.team.worker, now=kernel_clock.now(), reason="No")
    stale = {"decision": "granted", "seen_version": "pending"}
    page = worker.post(f"/sign-offs/{case.enrolment_id}", data=stale, follow_redirects=True)
    assert "decided meanwhile" in page.text
    assert gate(case) == Gate.REFUSED


@pytest.mark.parametrize("who", ["officer", "lead", "facilitator", "enforcement", "admin"])
def test_sign_offs_are_absent_for_other_roles(app: Flask, case: CaraCase, who: str) -> None:
    client = case.team.client(app, who)
    for path in ("/sign-offs/", "/sign-offs/1", "/sign-offs/1/withdraw", "/sign-offs/1/not-applicable"):
        assert client.get(path).status_code == 404
    assert client.post("/sign-offs/1", data={"decision": "granted"}).status_code == 404
    assert gate(case) == Gate.PENDING


def test_manager_does_not_grant_and_victim_safety_does_not_waive(app: Flask, case: CaraCase) -> None:
    manager, worker = case.team.client(app, "manager"), case.team.client(app, "worker")
    assert manager.post("/sign-offs/1", data={"decision": "granted"}).status_code == 404
    assert worker.post("/sign-offs/1/not-applicable", data={"reason": "x"}).status_code == 404
    assert worker.get("/sign-offs/99").status_code == 404
