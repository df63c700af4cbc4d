import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from programme_tracker.escalation.models import Decision
from programme_tracker.kernel import clock as kernel_clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.workflows.deciding import decide
from programme_tracker.workflows.referring import receive
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import (
    ELIGIBLE,
    ODD_NAME,
    CaraCase,
    Team,
    attend,
    cara_case,
    cara_referral,
    make_team,
    sam,
)

SHOWN = "Sam O&#39;Brien-Łukasz"


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    """Run every test inside the application's context."""
    with app.app_context():
        yield


@pytest.fixture
def team() -> Team:
    """Give one member of staff of each role."""
    return make_team()


def day(name: str, typed: str) -> dict[str, str]:
    return {
        f"{name}-{part}": value for part, value in zip(("day", "month", "year"), typed.split(), strict=True)
    }


def typed(**given: str) -> dict[str, str]:
    answers = {
        "name": ODD_NAME,
        "mobile": "07700 900101",
        "risk": "medium",
        "caution_reference": "C/2026/0117",
        "request_key": str(uuid4()),
    }
    dates = day("born_on", "31 1 1990") | day("issued_on", "28 8 2026") | day("expires_on", "28 12 2026")
    return answers | dates | ELIGIBLE | given


def count(model: type[Referral] | type[Participant]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_officers_referral_is_taken_in_and_says_what_follows(app: Flask, team: Team) -> None:
    officer = team.client(app, "officer")
    assert officer.get("/referrals/new").location == "/referrals/new/cara"
    page = officer.post("/referrals/new/cara", data=typed(), follow_redirects=True)
    assert "Referral received." in page.text
    assert "The team checks whether this person is known already" in page.text
    assert SHOWN in page.text
    referral = db.session.scalars(select(Referral)).one()
    assert (referral.status, referral.route, referral.referrer_id) == (
        "received",
        "police",
        team.officer.staff_id,
    )
    assert referral.answers == ELIGIBLE
    assert referral.participant.mobile == "+447700900101"


def test_same_form_sent_twice_is_one_referral(app: Flask, team: Team) -> None:
    officer, data = team.client(app, "officer"), typed()
    officer.post("/referrals/new/cara", data=data)
    again = officer.post("/referrals/new/cara", data=data)
    assert again.status_code == 303
    assert count(Referral) == 1


def test_answer_that_fails_refuses_with_its_reason(app: Flask, team: Team) -> None:
    page = team.client(app, "officer").post(
        "/referrals/new/cara", data=typed(admission="no"), follow_redirects=True
    )
    assert "This referral was not accepted." in page.text
    assert "CARA needs an admission of the offence." in page.text


def test_held_referral_is_answered_later(app: Flask, team: Team) -> None:
    officer = team.client(app, "officer")
    page = officer.post("/referrals/new/cara", data=typed(dash_level="unknown"), follow_redirects=True)
    assert "It waits until you answer what is not known." in page.text
    assert officer.post("/referrals/1/answers", data={}).status_code == 422
    page = officer.post("/referrals/1/answers", data={"dash_level": "standard"}, follow_redirects=True)
    assert "Referral received." in page.text
    referral = db.session.get_one(Referral, 1)
    assert (referral.status, referral.answers["dash_level"]) == ("received", "standard")


def test_held_referral_is_not_accepted_before_it_is_answered(app: Flask, team: Team) -> None:
    receive(
        sam(),
        cara_referral(team, answers=ELIGIBLE | {"admission": "unknown"}),
        actor=team.officer,
        now=kernel_clock.now(),
    )
    lead = team.client(app, "lead")
    assert "Accept referral" not in lead.get("/referrals/1").text
    assert lead.post("/referrals/1/accept", data={"lead": "nobody", "worker": "nobody"}).status_code == 303
    assert db.session.get_one(Referral, 1).status == "information_requested"


def test_expiry_that_is_not_four_months_on_asks_once(app: Flask, team: Team) -> None:
    officer = team.client(app, "officer")
    data = typed() | day("expires_on", "31 12 2026")
    page = officer.post("/referrals/new/cara", data=data)
    assert page.status_code == 422
    assert "Four months from 28 August 2026 is 28 December 2026" in page.text
    assert 'value="31"' in page.text
    assert SHOWN in page.text
    assert officer.post("/referrals/new/cara", data=data | {"as_printed": "y"}).status_code == 303


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "Enter full name"),
        (day("born_on", "31 1 2030"), "still to come"),
        (day("issued_on", "2 9 2026"), "cannot have been issued after today"),
        (day("expires_on", "1 8 2026"), "must expire after it was issued"),
        (day("issued_on", "1 1 2026") | day("expires_on", "1 5 2026"), "has expired"),
        ({"dash_level": ""}, "Choose the DASH level"),
        ({"risk": ""}, "Choose the risk level"),
        ({"mobile": "01632 960001"}, "mobile"),
    ],
)
def test_form_refused_keeps_what_was_typed(app: Flask, team: Team, given: dict[str, str], said: str) -> None:
    page = team.client(app, "officer").post("/referrals/new/cara", data=typed() | given)
    assert page.status_code == 422
    assert said in page.text
    assert "C/2026/0117" in page.text
    assert count(Referral) == 0


def test_officer_does_not_learn_of_people_outside_own_referrals(app: Flask, team: Team) -> None:
    cara_case(team)
    other = client_of(app, make_staff(Role.POLICE, name="Other Officer"))
    page = other.post("/referrals/new/cara", data=typed(caution_reference="X/1"), follow_redirects=True)
    assert "Is it this person" not in page.text
    assert "The team checks whether this person is known already" in page.text
    assert count(Participant) == 2
    assert "X/1" in other.get("/referrals/").text
    assert "C/2026/0117" not in other.get("/referrals/").text
    assert other.get("/referrals/1").status_code == 404


def test_own_earlier_referral_is_offered_as_the_same_person(app: Flask, team: Team) -> None:
    case = cara_case(team)
    officer, data = team.client(app, "officer"), typed(name="sam o brien lukasz")
    asked = officer.post("/referrals/new/cara", data=data)
    assert asked.status_code == 422
    assert "Is it this person?" in asked.text
    done = officer.post("/referrals/new/cara", data=data | {"same_as": str(case.participant_id)})
    assert done.status_code == 303
    assert count(Participant) == 1


def test_person_outside_the_offered_ones_is_not_taken(app: Flask, team: Team) -> None:
    cara_case(team)
    other = client_of(app, make_staff(Role.POLICE, name="Other Officer"))
    other.post("/referrals/new/cara", data=typed(same_as="1"))
    own = select(Referral.participant_id).where(Referral.referrer_id != team.officer.staff_id)
    assert 1 not in db.session.scalars(own).all()


def test_known_person_is_joined_at_triage_and_the_double_goes(app: Flask, team: Team) -> None:
    case = cara_case(team)
    second = receive(
        sam(name="SAM OBRIEN LUKASZ", mobile=None),
        cara_referral(team, caution_reference="C/2026/0200"),
        actor=team.officer,
        now=kernel_clock.now(),
    ).id
    lead = team.client(app, "lead")
    data = {"lead": str(team.lead.staff_id), "worker": "nobody"}
    asked = lead.post(f"/referrals/{second}/accept", data=data)
    assert asked.status_code == 422
    assert "Choose the person, or a new person" in asked.text
    joined = lead.post(f"/referrals/{second}/accept", data=data | {"same_as": str(case.participant_id)})
    assert joined.status_code == 303
    assert db.session.get_one(Referral, second).participant_id == case.participant_id
    assert count(Participant) == 1


def test_referral_accepted_gets_its_lead_and_worker(app: Flask, team: Team) -> None:
    receive(sam(), cara_referral(team), actor=team.officer, now=kernel_clock.now())
    lead = team.client(app, "lead")
    page = lead.get("/referrals/1").text
    assert re.search(rf'<option selected value="{team.lead.staff_id}">Kit Lead', page)
    data = {"lead": str(team.lead.staff_id), "worker": str(team.worker.staff_id)}
    page = lead.post("/referrals/1/accept", data=data, follow_redirects=True).text
    assert "Victim safety is asked to sign it off." in page
    enrolment = db.session.scalars(select(Enrolment)).one()
    assert (enrolment.lead_id, enrolment.worker_id) == (team.lead.staff_id, team.worker.staff_id)
    again = lead.post("/referrals/1/accept", data=data, follow_redirects=True)
    assert "decided meanwhile" in again.text


@pytest.mark.parametrize(("act", "status"), [("refuse", "rejected"), ("ask", "information_requested")])
def test_decision_against_needs_a_reason_that_the_officer_reads(
    app: Flask, team: Team, act: str, status: str
) -> None:
    receive(sam(), cara_referral(team), actor=team.officer, now=kernel_clock.now())
    lead = team.client(app, "lead")
    assert lead.post(f"/referrals/1/{act}", data={"reason": " "}).status_code == 422
    lead.post(f"/referrals/1/{act}", data={"reason": "We need <b>more</b>"})
    assert db.session.get_one(Referral, 1).status == status
    page = team.client(app, "officer").get("/referrals/1").text
    assert "We need &lt;b&gt;more&lt;/b&gt;" in page


@pytest.mark.parametrize("who", ["facilitator", "enforcement", "admin"])
def test_referrals_are_absent_for_other_roles(app: Flask, team: Team, who: str) -> None:
    cara_case(team)
    client = team.client(app, who)
    for path in ("/referrals/", "/referrals/1", "/referrals/new", "/referrals/new/cara"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("who", ["officer", "worker"])
def test_decision_is_absent_for_those_who_do_not_decide(app: Flask, team: Team, who: str) -> None:
    cara_case(team)
    client = team.client(app, who)
    for path in ("/referrals/1/refuse", "/referrals/1/ask"):
        assert client.get(path).status_code == 404
    assert client.post("/referrals/1/accept").status_code == 404


def test_officer_sees_attendance_and_own_notices_only(app: Flask, clock: SettableClock) -> None:
    case = breached()
    clock.advance(timedelta(minutes=5))
    page = case.team.client(app, "officer").get(f"/referrals/{case.referral_id}").text
    assert "Workshop A" in page
    assert "Not attended" in page
    assert "Notices to you" in page
    for hidden in ("Vic Worker", "Kit Lead", "Sign-off", "07700", "P000001", "Medium risk", "Safe to go on"):
        assert hidden not in page


def breached() -> CaraCase:
    """Make a case in which B was missed and victim safety let the notice go."""
    case = cara_case()
    attend(case, case.session_a_id, "attended")
    attend(case, case.session_b_id, "absent")
    decide(
        case.enrolment_id,
        Decision.PROCEED,
        actor=case.team.worker,
        now=kernel_clock.now(),
        reason="Safe to go on",
    )
    return case


def test_programme_for_the_team_is_not_offered_to_police(app: Flask, team: Team) -> None:
    assert team.client(app, "officer").get("/referrals/new/radar").status_code == 404
    lead = team.client(app, "lead")
    assert "RADAR" in lead.get("/referrals/new").text
    data = {"name": ODD_NAME, "risk": "high", "route": "probation"} | day("born_on", "31 1 1990")
    assert lead.post("/referrals/new/radar", data=data).status_code == 303
    referral = db.session.scalars(select(Referral)).one()
    assert (referral.programme_code, referral.route, referral.is_mandated) == ("radar", "probation", False)


def test_team_names_the_officer_of_a_caution(app: Flask, team: Team) -> None:
    lead = team.client(app, "lead")
    assert "Choose the officer" in lead.post("/referrals/new/cara", data=typed()).text
    assert lead.post("/referrals/new/cara", data=typed(officer="Pat Officer")).status_code == 303
    assert db.session.scalars(select(Referral)).one().referrer_id == team.officer.staff_id


def test_guardian_of_a_young_person_is_kept(app: Flask, team: Team) -> None:
    data = {
        "name": "Young Example",
        "risk": "standard",
        "route": "childrens_services",
        "guardian_name": "Gill Example",
        "guardian_mobile": "07700 900150",
        "guardian_agrees": "y",
    } | day("born_on", "1 5 2012")
    assert team.client(app, "lead").post("/referrals/new/linx", data=data).status_code == 303
    guardian = db.session.scalars(select(Participant)).one().guardian
    assert guardian is not None
    assert (guardian.mobile, guardian.has_consented) == ("+447700900150", True)


def questions_asked(app: Flask, who: str, path: str, team: Team) -> int:
    """Count the database's statements for one page, after it was opened once before."""
    client, seen = team.client(app, who), []
    assert client.get(path).status_code == 200
    db.session.expunge_all()

    def note(*given: object) -> None:
        seen.append(given[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("officer", "/referrals/"),
        ("lead", "/referrals/"),
        ("lead", "/people/"),
        ("lead", "/people/?q=sam"),
        ("worker", "/sign-offs/"),
    ],
)
def test_list_asks_the_same_number_of_questions_for_one_and_three(
    app: Flask, team: Team, who: str, path: str
) -> None:
    counts = []
    for number in range(3):
        person = sam(name=f"Sam Number {number}", mobile=f"07700 90010{number}")
        cara_case(team, person=person, signed_off=False)
        waits = sam(name=f"Sam Waits {number}", mobile=f"07700 90020{number}")
        receive(waits, cara_referral(team), actor=team.officer, now=kernel_clock.now())
        counts.append(questions_asked(app, who, path, team))
    assert len(set(counts)) == 1
