import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from programme_tracker.escalation.models import Case, CaseDecision, Monitoring, Notice
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.people.models import Participant
from programme_tracker.people.services import change_risk
from programme_tracker.referrals.models import Enrolment
from programme_tracker.workflows.monitoring import start_monitoring
from tests.factories.cases import CaraCase, attend, cara_case, go_to
from tests.factories.voluntary import move_on, wall

ESCAPED = "Sam O&#39;Brien-Łukasz"
PAGE = "/cases/1"
HOLD = {
    "decision": "hold",
    "reason": "She moves to a safe place first.",
    "hold_until-day": "14",
    "hold_until-month": "9",
    "hold_until-year": "2026",
    "hold_time": "15:30",
}


@pytest.fixture
def case(app: Flask) -> CaraCase:
    """Give a case whose part A was missed on Saturday 12 September; victim safety was told."""
    with app.app_context():
        case = cara_case()
        attend(case, case.session_a_id, "absent")
        return case


def test_texts_before_a_session_lead_to_their_pages(app: Flask) -> None:
    with app.app_context():
        case = cara_case()
        move_on(wall(9, 12, 9))
        attend(case, case.session_a_id, "absent")
        client = case.team.client(app, "worker")
        text = client.get(PAGE).text
        paths = re.findall(r'href="(/messages/\d+)"', text)
        assert len(paths) == 4  # booked, and reminders 7, 3 and 1 days before
        assert "CARA part A" in client.get(paths[0]).text
        assert "/messages/" not in case.team.client(app, "enforcement").get(PAGE).text


def decide(client: FlaskClient, **typed: str) -> TestResponse:
    """Send the decision form as the page last gave it."""
    text = client.get(PAGE).text
    version = text.split('name="seen_version" value="')[1].split('"')[0]
    return client.post(f"{PAGE}/decide", data={"about": "1", "seen_version": version, **typed})


def test_case_page_tells_what_happened_and_what_comes_next(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        text = case.team.client(app, "worker").get(PAGE).text
    for said in (
        ESCAPED,
        "Mandated session missed: Sat 12 Sep (rule: any miss, whatever the reason).",
        "policy version 1",
        "CARA part A",
        "Reminders before it",
        "To be acknowledged by victim safety",
        "Police to be told",
        "Mon 14 Sep, 5pm",
        "Victim safety decides",
        "Save decision",
    ):
        assert said in text


def test_proceeding_tells_police_now_and_says_so(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        client = case.team.client(app, "worker")
        assert decide(client, decision="proceed").status_code == 303
        text = client.get(PAGE).text
        assert "Told now: police (Pat Officer)" in text
        assert "Save decision" not in text
        police = db.session.scalars(select(Notice).where(Notice.to_role == "police")).one()
        assert police.released_at is not None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choose what happens next"),
        ({"decision": "proceed_with_plan"}, "Say what the plan is"),
        ({"decision": "hold"}, "Say why the notice is held"),
        ({"decision": "hold", "reason": "Łukasz <waits>"}, "Łukasz &lt;waits&gt;"),
        ({**HOLD, "hold_until-day": "16"}, "one working day at most"),
        ({**HOLD, "hold_until-day": "1"}, "Enter when the hold is reviewed"),
    ],
)
def test_decision_that_lacks_something_is_refused_and_kept(
    app: Flask, case: CaraCase, typed: dict[str, str], said: str
) -> None:
    with app.app_context():
        response = decide(case.team.client(app, "worker"), **typed)
        assert response.status_code == 422
        assert said in response.text
        assert db.session.scalars(select(CaseDecision)).all() == []


def test_hold_waits_for_a_managers_signature(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        worker, manager = case.team.client(app, "worker"), case.team.client(app, "manager")
        assert decide(worker, **HOLD).status_code == 303
        assert "every deadline stands" in worker.get(PAGE).text
        assert "Holds to sign" in manager.get("/today").text
        assert "A hold waits for your signature" in manager.get(PAGE).text
        assert manager.post(f"{PAGE}/holds/1", data={"answer": "sign"}).status_code == 303
        text = worker.get(PAGE).text
    assert "On hold until Mon 14 Sep, 3.30pm" in text
    assert "Hold signed" in text


def test_hold_declined_leaves_the_deadline(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        decide(case.team.client(app, "worker"), **HOLD)
        manager = case.team.client(app, "manager")
        manager.post(f"{PAGE}/holds/1", data={"answer": "decline"})
        assert "Hold declined" in manager.get(PAGE).text
        again = manager.post(f"{PAGE}/holds/1", data={"answer": "sign"}, follow_redirects=True)
        assert "answered already" in again.text


def test_hold_that_was_decided_otherwise_cannot_be_signed(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        worker, manager = case.team.client(app, "worker"), case.team.client(app, "manager")
        decide(worker, **HOLD)
        decide(worker, decision="proceed")
        assert "Holds to sign" not in manager.get("/today").text
        response = manager.post(f"{PAGE}/holds/1", data={"answer": "sign"}, follow_redirects=True)
    assert "decided otherwise since" in response.text


def test_decision_on_a_page_that_is_out_of_date_is_refused_and_kept(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        worker = case.team.client(app, "worker")
        stale = {
            "about": "1",
            "seen_version": "0.0.1.open",
            "decision": "proceed_with_plan",
            "reason": "Plan",
        }
        decide(worker, **HOLD)
        response = worker.post(f"{PAGE}/decide", data=stale)
        assert response.status_code == 422
        assert "Somebody else did something on this case meanwhile" in response.text
        assert ">Plan</textarea>" in response.text.replace("\r\n", "")


def test_caseworker_sees_the_case_without_victim_safetys_reasons(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        decide(case.team.client(app, "worker"), **HOLD)
        lead = case.team.client(app, "lead")
        text = lead.get(PAGE).text
        assert lead.post(f"{PAGE}/decide", data=HOLD).status_code == 404
    assert "Victim safety asked for a hold" in text
    assert "safe place" not in text and "Save decision" not in text


@pytest.mark.parametrize("who", ["officer", "facilitator", "admin", "enforcement"])
def test_case_page_is_not_there_for_those_it_is_not_for(app: Flask, case: CaraCase, who: str) -> None:
    with app.app_context():
        client = case.team.client(app, who)
        assert client.get(PAGE).status_code == 404
        assert client.get(f"/cases/of/{case.enrolment_id}").status_code == 404
        assert client.post(f"{PAGE}/decide", data={"decision": "proceed"}).status_code == 404


def test_enforcement_gets_the_reduced_page_once_it_was_told(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        case = cara_case(is_mandated=False)
        db.session.get_one(Enrolment, case.enrolment_id).officer_id = None
        db.session.commit()
        attend(case, case.session_a_id, "absent")
        client = case.team.client(app, "enforcement")
        assert client.get(PAGE).status_code == 404
        advance(clock, clock.now() + timedelta(days=4), RecordingProvider())
        client = case.team.client(app, "enforcement")
        text = client.get(PAGE).text
        assert client.get("/cases/").text.count(">Open case<") == 1
    assert "Enforcement told" in text and "Risk" in text
    for unsaid in ("Victim safety", "victim safety", "Vic Worker", "Reminders", "The sessions behind it"):
        assert unsaid not in text


def test_acknowledging_on_the_case_page_twice_is_once(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        client = case.team.client(app, "worker")
        assert "Acknowledged." in client.post(f"{PAGE}/acknowledge", follow_redirects=True).text
        assert "already" in client.post(f"{PAGE}/acknowledge", follow_redirects=True).text


def test_late_steps_are_marked_late(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        go_to(datetime(2026, 9, 15, 9))  # noqa: DTZ001 - a wall time
        text = case.team.client(app, "manager").get(PAGE).text
    assert "Not acknowledged by victim safety" in text
    assert 'class="step-late"' in text


def test_open_cases_are_listed_with_the_soonest_deadline(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        text = case.team.client(app, "worker").get("/cases/").text
    assert ESCAPED in text and "Due Mon 14 Sep, 5pm" in text


def test_monitoring_is_extended_and_closed_by_a_person(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    with app.app_context():
        person = db.session.get_one(Participant, case.participant_id)
        change_risk(person, risk="high", actor=SYSTEM, now=clock.now())
        enrolment = db.session.get_one(Enrolment, case.enrolment_id)
        start_monitoring(db.session.get_one(Case, 1), enrolment, now=clock.now())
        manager = case.team.client(app, "manager")
        assert "Extend or close monitoring" in manager.get(PAGE).text
        assert manager.post("/monitoring/1/extend", data={"months": "0"}).status_code == 422
        assert manager.post("/monitoring/1/extend", data={"months": "2"}).status_code == 303
        assert manager.post("/monitoring/1/close", data={}).status_code == 422
        assert manager.post("/monitoring/1/close", data={"reason": "Engages again"}).status_code == 303
        assert db.session.scalars(select(Monitoring.close_reason)).one() == "Engages again"
        assert manager.get("/monitoring/1/").status_code == 404
        assert case.team.client(app, "worker").get("/monitoring/1/").status_code == 404
