from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from programme_tracker.accounts.services import set_deputy
from programme_tracker.escalation.models import Notice
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.actor import SYSTEM, Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import RecordingProvider
from tests.factories.accounts import client_of, make_staff
from tests.factories.cases import CaraCase, attend, cara_case

ESCAPED = "Sam O&#39;Brien-Łukasz"
FOUR_DAYS = timedelta(days=4)


@pytest.fixture
def case(app: Flask) -> CaraCase:
    """Give a case whose part A was missed; victim safety was told just now."""
    with app.app_context():
        case = cara_case()
        attend(case, case.session_a_id, "absent")
        return case


def notice_to(role: str) -> int:
    found = select(Notice.id).where(Notice.to_role == role, Notice.kind != "chase")
    return db.session.scalars(found.order_by(Notice.id.desc())).first() or 0


def test_notice_shows_its_facts_and_notes_that_it_was_opened(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        notice_id = notice_to("victim_safety")
        text = case.team.client(app, "worker").get(f"/notices/{notice_id}").text
        assert db.session.get_one(Notice, notice_id).opened_at is not None
    for said in (ESCAPED, "Workshop A", "Sat 12 Sep", "Absent", "Reminders before it", "Medium"):
        assert said in text
    assert "Acknowledge notice" in text


def test_notice_read_by_a_manager_was_not_opened_by_its_recipient(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        notice_id = notice_to("victim_safety")
        assert case.team.client(app, "manager").get(f"/notices/{notice_id}").status_code == 200
        assert db.session.get_one(Notice, notice_id).opened_at is None


def test_acknowledging_leads_to_the_case_and_twice_changes_nothing(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        client, path = case.team.client(app, "worker"), f"/notices/{notice_to('victim_safety')}/acknowledge"
        response = client.post(path)
        assert (response.status_code, response.location) == (303, "/cases/1")
        first = db.session.get_one(Notice, notice_to("victim_safety")).acknowledged_at
        client.post(path)
        assert db.session.get_one(Notice, notice_to("victim_safety")).acknowledged_at == first
        assert "Acknowledged by Vic Worker" in client.get(f"/notices/{notice_to('victim_safety')}").text


def test_police_are_told_only_what_is_theirs(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    with app.app_context():
        advance(clock, clock.now() + FOUR_DAYS, RecordingProvider())
        officer = case.team.client(app, "officer")
        text = officer.get(f"/notices/{notice_to('police')}").text
        assert officer.get(f"/notices/{notice_to('victim_safety')}").status_code == 404
    assert "C/2026/0117" in text and "Not attended" in text
    for unsaid in ("Medium", "Reminders", "victim safety", "Vic Worker", "Open the case", "rule:"):
        assert unsaid not in text


def test_notice_of_another_officer_is_not_there(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    with app.app_context():
        advance(clock, clock.now() + FOUR_DAYS, RecordingProvider())
        other = client_of(app, make_staff(Role.POLICE))
        assert other.get(f"/notices/{notice_to('police')}").status_code == 404
        assert other.post(f"/notices/{notice_to('police')}/acknowledge").status_code == 404
        assert ESCAPED not in other.get("/notices/").text


@pytest.mark.parametrize("who", ["facilitator", "admin"])
def test_inbox_is_not_there_for_whom_nobody_writes_to(app: Flask, case: CaraCase, who: str) -> None:
    with app.app_context():
        assert case.team.client(app, who).get("/notices/").status_code == 404


def test_notice_before_its_release_is_not_there(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        assert case.team.client(app, "officer").get(f"/notices/{notice_to('police')}").status_code == 404


def test_deputy_answers_once_chased(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    with app.app_context():
        deputy = make_staff(Role.VICTIM_SAFETY, name="Dee Deputy")
        set_deputy(case.team.worker.staff_id or 0, deputy.id, actor=SYSTEM, now=clock.now())
        client, path = client_of(app, deputy), f"/notices/{notice_to('victim_safety')}"
        assert client.get(path).status_code == 404
        advance(clock, clock.now() + FOUR_DAYS, RecordingProvider())
        assert "Vic Worker has not answered this notice." in client.get(path).text
        assert ESCAPED in client.get("/today").text
        assert client.post(f"{path}/acknowledge").status_code == 303
        assert "Acknowledged by Dee Deputy" in client.get(path).text


def test_inbox_keeps_what_was_answered_below_what_waits(app: Flask, case: CaraCase) -> None:
    with app.app_context():
        client = case.team.client(app, "worker")
        assert client.get("/notices/").text.count("To acknowledge") == 1
        client.post(f"/notices/{notice_to('victim_safety')}/acknowledge")
        text = client.get("/notices/").text
    assert "No notice waits" in text
    assert "Earlier notices" in text and "Acknowledged" in text
