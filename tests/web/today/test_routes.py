from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from programme_tracker.kernel import clock as kernel_clock
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.referrals.rules import Gate, ReferralStatus
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.workflows.police import danger
from programme_tracker.workflows.referring import decide_against, receive, sign_off
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import (
    ODD_NAME,
    CaraCase,
    attend,
    cara_case,
    cara_referral,
    go_to,
    make_team,
    sam,
)

ESCAPED = "Sam O&#39;Brien-Łukasz"


@pytest.fixture
def case(app: Flask) -> CaraCase:
    """Give a case in which part A is booked and nothing has happened yet."""
    with app.app_context():
        return cara_case()


def page(app: Flask, case: CaraCase, who: str) -> str:
    with app.app_context():
        response = case.team.client(app, who).get("/today")
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("role", list(Role))
def test_today_with_nothing_to_do_says_so_kindly(app: Flask, role: Role) -> None:
    with app.app_context():
        make_team()
        text = client_of(app, make_staff(role)).get("/today").text
    assert 'class="empty"' in text
    assert "need you" not in text and "needs you" not in text


def test_missed_workshop_comes_first_for_victim_safety_with_its_deadline(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        attend(case, case.session_a_id, "absent")
    text = page(app, case, "worker")
    assert ESCAPED in text and ODD_NAME not in text
    assert text.index("To acknowledge") < text.index("To decide") < text.index("Partner contacts due")
    assert f"{ESCAPED}: mandated session missed" in text
    assert "Due Mon 14 Sep, 1pm" in text


def test_danger_comes_before_what_is_due_sooner(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    with app.app_context():
        attend(case, case.session_a_id, "absent")
        clock.advance(timedelta(hours=2))
        danger(case.enrolment_id, "He said when", actor=case.team.facilitator, now=kernel_clock.now())
    text = page(app, case, "worker")
    assert text.index(": imminent danger") < text.index(": mandated session missed")


def test_high_risk_comes_first_and_is_said_to_those_who_may_know(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        team = make_team()
        calm = cara_case(team)
        person = sam(name="Grave Risk", mobile="07700 900102", risk="high")
        grave = cara_case(team, person=person, sessions=(calm.session_a_id, calm.session_b_id))
        for one, days in ((calm, 0), (grave, 3)):
            create_task(
                TaskKind.CALL_PARTICIPANT,
                to="lead",
                enrolment_id=one.enrolment_id,
                why="The text did not arrive.",
                due_on=clock.now().date() + timedelta(days=days),
                now=clock.now(),
            )
        db.session.commit()
        text = team.client(app, "lead").get("/today").text.split("To ring")[1]
    assert text.index("Grave Risk") < text.index(ESCAPED)
    assert "High risk" in text


def test_missed_workshop_is_not_on_anybody_elses_page_before_its_time(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        attend(case, case.session_a_id, "absent")
    for who in ("officer", "enforcement", "admin", "manager"):
        assert "missed" not in page(app, case, who)


def test_register_of_a_session_that_has_begun_waits_for_its_facilitator(app: Flask, case: CaraCase) -> None:
    assert "Registers to submit" not in page(app, case, "facilitator")
    with app.app_context():
        go_to(datetime(2026, 9, 12, 10, 5))  # noqa: DTZ001 - a wall time
    text = page(app, case, "facilitator")
    assert "Registers to submit" in text
    assert f"/sessions/{case.session_a_id}/register" in text
    assert "Due Mon 14 Sep, midday" in text


def test_facilitators_next_register_is_named_when_nothing_waits(app: Flask, case: CaraCase) -> None:
    assert "No register waits for you. Next register: Sat 12 Sep, 10am." in page(app, case, "facilitator")


def test_sign_off_waits_on_the_workers_page_alone(app: Flask) -> None:
    with app.app_context():
        case = cara_case(signed_off=False)
    assert "Sign-offs waiting" in page(app, case, "worker")
    for who in ("officer", "lead", "facilitator", "manager", "enforcement", "admin"):
        assert "Sign-offs waiting" not in page(app, case, who)


def test_officer_sees_own_referrals_and_no_others(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        other = client_of(app, make_staff(Role.POLICE, name="Other Officer"))
        text = other.get("/today").text
    assert ESCAPED not in text
    assert ESCAPED in page(app, case, "officer")


def test_officer_is_told_on_today_what_became_of_a_referral(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        case = cara_case(booked=False)
        details = cara_referral(case.team, caution_reference="C/2026/0999")
        refused = receive(
            sam(name="Nial Noplace", mobile="07700 900109"),
            details,
            actor=case.team.officer,
            now=clock.now(),
        )
        why = "Lives outside the area."
        decide_against(refused.id, ReferralStatus.REJECTED, why, actor=case.team.lead, now=clock.now())
    text = page(app, case, "officer")
    answers = text[text.index("Answers to your referrals") :]
    assert answers.index("Nial Noplace") < answers.index(why)
    assert "Victim safety signs off before anybody is booked." in answers
    assert "Your newest referrals" not in text, "each referral stands once"
    with app.app_context():
        clock.advance(timedelta(days=15))
        later = case.team.client(app, "officer").get("/today").text
    assert "Answers to your referrals" not in later and "Your newest referrals" in later


def test_refused_sign_off_is_on_the_leads_page(app: Flask) -> None:
    with app.app_context():
        case = cara_case(signed_off=False)
        now = kernel_clock.now()
        sign_off(case.enrolment_id, Gate.REFUSED, actor=case.team.worker, now=now, reason="Not safe")
    text = page(app, case, "lead")
    assert "Sign-offs refused" in text and f"{ESCAPED}: sign-off for CARA refused" in text
    assert "Not safe" not in text
    assert "Sign-offs refused" not in page(app, case, "facilitator")


def test_late_register_is_on_the_managers_page(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        go_to(datetime(2026, 9, 14, 12, 1))  # noqa: DTZ001 - a wall time
    text = page(app, case, "manager")
    assert "Registers overdue" in text and "Nobody knows yet who came. Run by Fay Facilitator." in text


def test_first_contact_is_the_leads_on_day_7(app: Flask, clock: SettableClock) -> None:
    from programme_tracker.jobs.timeline import advance
    from programme_tracker.messaging.providers import RecordingProvider

    with app.app_context():
        case = cara_case(booked=False)
        advance(clock, clock.now() + timedelta(days=7, hours=1), RecordingProvider())
        text = case.team.client(app, "lead").get("/today").text
    assert f"{ESCAPED}: book the first workshop" in text
    assert "Due today" in text


def test_signed_off_person_without_a_place_is_on_the_leads_page_until_booked(app: Flask) -> None:
    with app.app_context():
        case = cara_case(booked=False)
        sessions = (case.session_a_id, case.session_b_id)
        waiting = sam(name="Waiting Person", mobile="07700 900102")
        booked = sam(name="Booked Person", mobile="07700 900103")
        cara_case(case.team, person=waiting, sessions=sessions, booked=False, signed_off=False)
        cara_case(case.team, person=booked, sessions=sessions)
        text = case.team.client(app, "lead").get("/today").text
    assert text.count("Victim safety has signed this off") == 1
    assert f"{ESCAPED}: book CARA" in text


LISTS = [
    *(("/today", who) for who in ("worker", "lead", "officer", "facilitator", "manager", "enforcement")),
    ("/notices/", "worker"),
    ("/cases/", "worker"),
    ("/tasks/", "worker"),
    ("/overdue/", "manager"),
]


@pytest.mark.parametrize(("path", "who"), LISTS)
def test_list_asks_as_often_for_three_people_as_for_one(
    app: Flask, case: CaraCase, path: str, who: str
) -> None:
    with app.app_context():
        attend(case, case.session_a_id, "absent")
        client = case.team.client(app, who)
        one = reads(lambda: client.get(path))
        for day in (13, 14):
            another = cara_case(
                case.team,
                person=sam(name=f"Sam Number {day}", mobile=f"07700 9001{day}"),
                part_a=datetime(2026, 9, day, 10),  # noqa: DTZ001 - a wall time
                part_b=None,
            )
            attend(another, another.session_a_id, "absent")
        assert reads(lambda: client.get(path)) <= one


def reads(deed: Callable[[], object]) -> int:
    """Count the reads that something does with a session of its own."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    db.session.remove()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return sum(statement.startswith("SELECT") for statement in statements)
