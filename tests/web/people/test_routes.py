from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from programme_tracker.escalation.models import Decision
from programme_tracker.kernel import clock as kernel_clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant, TextConsent
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import Gate
from programme_tracker.victim_safety.models import Partner
from programme_tracker.workflows.deciding import decide
from programme_tracker.workflows.referring import sign_off
from programme_tracker.workflows.replying import receive_reply
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import CaraCase, attend, cara_case, make_team, sam
from tests.factories.records import times_audited

SHOWN = "Sam O&#39;Brien-Łukasz"


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    """Run every test inside the application's context."""
    with app.app_context():
        yield


def missed_b() -> CaraCase:
    """Make a case in which A was attended and B missed."""
    case = cara_case()
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "absent")
    return case


@pytest.mark.parametrize("who", ["lead", "manager", "worker"])
def test_page_shows_clock_bookings_and_timeline(app: Flask, who: str) -> None:
    case = missed_b()
    page = case.team.client(app, who).get(f"/enrolments/{case.enrolment_id}").text
    for shown in (
        SHOWN,
        "The caution and its two parts",
        "Last day for A",
        "Part A attended",
        "Part B missed",
        "Red flag: Mandated session missed",
        "policy version 1",
        "Medium risk",
        "Sign-off granted",
        "Somebody is in danger now",
    ):
        assert shown in page


def test_planned_texts_are_shown_with_their_state(app: Flask) -> None:
    case = cara_case()
    page = case.team.client(app, "lead").get(f"/enrolments/{case.enrolment_id}").text
    assert "Reminder" in page
    assert "Planned" in page


def test_facilitators_page_is_reduced(app: Flask) -> None:
    case = missed_b()
    client = case.team.client(app, "facilitator")
    page = client.get(f"/enrolments/{case.enrolment_id}").text
    assert SHOWN in page
    assert "Part A" in page
    assert "Sign-off granted" in page
    for hidden in ("risk", "flag", "Notice", "07700", "C/2026", "31 January 1990", "Reminder", "caution"):
        assert hidden not in page


def test_facilitator_sees_only_suspended_when_a_sign_off_is_withdrawn(app: Flask) -> None:
    case = cara_case()
    sign_off(
        case.enrolment_id,
        Gate.WITHDRAWN,
        actor=case.team.worker,
        now=kernel_clock.now(),
        reason="What she said",
    )
    page = case.team.client(app, "facilitator").get(f"/enrolments/{case.enrolment_id}").text
    assert "Suspended" in page
    for hidden in ("Sign-off", "withdrawn", "What she said"):
        assert hidden not in page


def test_page_is_absent_for_other_facilitators_and_roles(app: Flask) -> None:
    case = cara_case()
    other = client_of(app, make_staff(Role.FACILITATOR, name="Other"))
    assert other.get("/enrolments/1").status_code == 404
    for who in ("officer", "enforcement", "admin"):
        client = case.team.client(app, who)
        assert client.get("/enrolments/1").status_code == 404
        assert client.get("/people/").status_code == 404
    assert case.team.client(app, "lead").get("/enrolments/99").status_code == 404


@pytest.mark.parametrize("act", ["suspend", "consent", "details", "re-arrest", "flags/1/clear"])
@pytest.mark.parametrize("who", ["facilitator", "officer", "enforcement", "admin"])
def test_actions_are_absent_for_other_roles(app: Flask, who: str, act: str) -> None:
    case = cara_case()
    client = case.team.client(app, who)
    assert client.get(f"/enrolments/1/{act}").status_code == 404
    assert client.post(f"/enrolments/1/{act}").status_code == 404


def test_suspension_and_resumption_say_what_follows(app: Flask) -> None:
    case = cara_case()
    lead = case.team.client(app, "lead")
    assert lead.post("/enrolments/1/suspend").status_code == 422
    page = lead.post("/enrolments/1/suspend", data={"reason": "illness"}, follow_redirects=True).text
    assert "Every text has stopped." in page
    assert "Suspended: illness" in page
    page = lead.post("/enrolments/1/resume", follow_redirects=True).text
    assert "Enrolment resumed." in page
    again = lead.post("/enrolments/1/resume")
    assert again.status_code == 422
    assert "This enrolment is not suspended." in again.text


def test_number_refused_keeps_what_was_typed(app: Flask) -> None:
    case = cara_case()
    lead = case.team.client(app, "lead")
    page = lead.post("/enrolments/1/details", data={"mobile": "01632 960001", "risk": "high"})
    assert page.status_code == 422
    assert "01632 960001" in page.text
    lead.post("/enrolments/1/details", data={"mobile": "07700 900199", "risk": "high", "is_priority": "y"})
    person = db.session.get_one(Participant, case.participant_id)
    assert (person.mobile, person.risk, person.is_priority) == ("+447700900199", "high", True)


def test_stale_change_shows_both_versions(app: Flask) -> None:
    cara = cara_case()
    lead = cara.team.client(app, "lead")
    stale = {"mobile": "07700 900188", "risk": "standard", "seen_version": "1"}
    lead.post("/enrolments/1/details", data={"mobile": "07700 900177", "risk": "high"})
    page = lead.post("/enrolments/1/details", data=stale)
    assert page.status_code == 422
    assert "the number is now 07700 900177 and the risk high" in page.text
    assert "07700 900188" in page.text


def test_form_about_somebody_else_is_refused(app: Flask) -> None:
    case = cara_case()
    lead = case.team.client(app, "lead")
    page = lead.post("/enrolments/1/suspend", data={"reason": "illness", "about": "2"})
    assert page.status_code == 422
    assert "This page was about somebody else" in page.text


def test_rearrest_is_recorded_once(app: Flask) -> None:
    case = cara_case()
    lead = case.team.client(app, "lead")
    page = lead.post("/enrolments/1/re-arrest", follow_redirects=True).text
    assert "Re-arrest recorded." in page
    assert db.session.get_one(Enrolment, 1).suspension_reason == "rearrest"
    assert "Nothing to record." in lead.post("/enrolments/1/re-arrest", follow_redirects=True).text


def test_danger_tells_everybody_once(app: Flask) -> None:
    case = cara_case()
    facilitator = case.team.client(app, "facilitator")
    assert "Call 999 first" in facilitator.get("/enrolments/1/danger").text
    assert facilitator.post("/enrolments/1/danger", data={"reason": ""}).status_code == 422
    for _ in range(2):
        page = facilitator.post(
            "/enrolments/1/danger", data={"reason": "He said he would"}, follow_redirects=True
        )
    assert "Everybody is told now." in page.text
    timeline = case.team.client(app, "worker").get("/enrolments/1").text
    assert timeline.count("Notice: imminent danger") == 1


def test_flag_is_cleared_with_a_reason(app: Flask) -> None:
    case = missed_b()
    lead = case.team.client(app, "lead")
    assert lead.post("/enrolments/1/flags/1/clear", data={}).status_code == 422
    page = lead.post("/enrolments/1/flags/1/clear", data={"reason": "Settled"}, follow_redirects=True).text
    assert "Flag cleared." in page
    assert "Red flag:" not in page
    assert lead.get("/enrolments/1/flags/1/clear").status_code == 404


def test_consent_brings_texts_back_only_with_a_word_on_how(app: Flask) -> None:
    case = cara_case()
    lead = case.team.client(app, "lead")
    assert "Record consent to texts again" not in lead.get("/enrolments/1").text
    early = lead.get("/enrolments/1/consent", follow_redirects=True)
    assert "Texts are not stopped." in early.text
    receive_reply("+447700900101", "STOP", now=kernel_clock.now())
    assert "Record consent to texts again" in lead.get("/enrolments/1").text
    refused = lead.post("/enrolments/1/consent", data={"reason": " "})
    assert refused.status_code == 422 and "Say how and when they agreed" in refused.text
    for _ in range(2):
        done = lead.post("/enrolments/1/consent", data={"reason": "Said so by phone"}, follow_redirects=True)
    assert "opted out" not in done.text
    assert times_audited("participant.opted_in") == 1
    assert [one.how for one in db.session.query(TextConsent)] == ["Said so by phone"]


def test_officer_enters_own_decision(app: Flask, clock: SettableClock) -> None:
    case = missed_b()
    officer = case.team.client(app, "officer")
    early = officer.get("/enrolments/1/police-decision", follow_redirects=True)
    assert "Police are not asked to decide on this now." in early.text
    clock.advance(timedelta(minutes=1))
    decide(case.enrolment_id, Decision.PROCEED, actor=case.team.worker, now=kernel_clock.now())
    assert officer.get("/enrolments/1/police-decision").status_code == 200
    page = officer.post("/enrolments/1/police-decision", data={"decision": "varied", "note": "By phone"})
    assert page.status_code == 422
    assert "Enter the new date the caution expires" in page.text
    assert "By phone" in page.text
    expiry = {
        f"caution_expires_on-{part}": value
        for part, value in (("day", "1"), ("month", "3"), ("year", "2027"))
    }
    done = officer.post(
        "/enrolments/1/police-decision", data={"decision": "varied"} | expiry, follow_redirects=True
    )
    assert "Police decision saved." in done.text
    assert "1 March 2027" in done.text
    assert db.session.get_one(Enrolment, 1).status == "breach_decided"


def test_police_decision_is_absent_for_another_officer(app: Flask) -> None:
    cara_case()
    other = client_of(app, make_staff(Role.POLICE, name="Other"))
    assert other.get("/enrolments/1/police-decision").status_code == 404


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lukasz", True),
        ("OBRIEN", True),
        ("o’brien sam", True),
        ("P000001", True),
        ("07700 900101", True),
        ("900101", True),
        ("c/2026/01", True),
        ("900102", False),
        ("somebody else", False),
        ("%", False),
    ],
)
def test_search_finds_by_part_of_name_reference_or_number(app: Flask, typed: str, found: bool) -> None:
    case = cara_case()
    page = case.team.client(app, "lead").get("/people/", query_string={"q": typed}).text
    assert (SHOWN in page) is found
    assert any(said in page for said in ("Nobody was found.", "too little to go by")) is not found


def test_search_never_finds_a_partner(app: Flask) -> None:
    assert Partner.__tablename__ == "partners"
    team = make_team()
    cara_case(team, person=sam(name="Only Participant"))
    for who in ("lead", "worker", "manager"):
        page = team.client(app, who).get("/people/?q=partner").text
        assert "Nobody was found." in page


def test_search_box_leads_here_for_those_who_may(app: Flask) -> None:
    team = make_team()
    assert 'action="/people/"' in team.client(app, "lead").get("/people/").text
    assert "Search participants" not in team.client(app, "officer").get("/referrals/").text
