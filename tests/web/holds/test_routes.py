"""The manager sees in red that nothing goes out, and lets it go on with a reason."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.jobs.heartbeat import beat
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock, SystemClock
from programme_tracker.messaging.holds import RESTORED, is_held
from programme_tracker.messaging.services import hold_sending
from tests import ready
from tests.factories.cases import CaraCase

case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


@pytest.fixture
def manager(app: Flask, case: CaraCase) -> FlaskClient:
    return case.team.client(app, "manager")


def test_manager_holds_and_releases_with_a_reason(manager: FlaskClient) -> None:
    assert manager.post("/sending/hold/place", data={}).status_code == 422
    answer = manager.post("/sending/hold/place", data={"reason": "backup"}, follow_redirects=True)
    assert "Sending is held." in answer.text and "by Mo Manager" in answer.text
    for path in ("/today", "/overdue/"):
        assert "No text or mail goes out: sending is held." in manager.get(path).text
    refused = manager.post("/sending/hold/release", data={"reason": ""})
    assert refused.status_code == 422 and "Say why it is safe" in refused.text
    assert is_held()
    answer = manager.post("/sending/hold/release", data={"reason": "done"}, follow_redirects=True)
    assert "Sending goes on." in answer.text
    assert not is_held()
    assert "sending is held" not in manager.get("/today").text


def test_restore_says_what_it_was(manager: FlaskClient, clock: SettableClock) -> None:
    hold_sending(RESTORED, "The database is an earlier one.", actor=SYSTEM, now=clock.now())
    assert "The database is an earlier one." in manager.get("/today").text


@pytest.mark.parametrize("path", ["/today", "/overdue/"])
def test_undone_work_is_said_in_red(manager: FlaskClient, clock: SettableClock, path: str) -> None:
    assert "not going out" not in manager.get(path).text
    clock.advance(timedelta(minutes=6))
    assert "Texts and mails are not going out." in manager.get(path).text


def test_silent_worker_is_said_in_red(manager: FlaskClient) -> None:
    beat("w", at=SystemClock().now() - timedelta(minutes=1))
    assert "No worker has run" not in manager.get("/today").text
    beat("w", at=SystemClock().now() - timedelta(minutes=3))
    assert "No worker has run since" in manager.get("/today").text


@pytest.mark.parametrize("who", ["lead", "admin", "worker", "officer", "facilitator"])
def test_nobody_else_holds_or_releases(app: Flask, case: CaraCase, who: str) -> None:
    client = case.team.client(app, who)
    assert client.get("/sending/hold/").status_code == 404
    assert client.post("/sending/hold/release", data={"reason": "x"}).status_code == 404
    assert "held" not in client.get("/today").text
