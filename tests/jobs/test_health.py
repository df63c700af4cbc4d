"""Signs of life, the dead man's signal, holding after a restore, and the figures."""

import shutil
import threading
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from programme_tracker.config import MetricsSettings
from programme_tracker.jobs import worker
from programme_tracker.jobs.dispatch import Dispatch
from programme_tracker.jobs.due import run_due
from programme_tracker.jobs.health import standing
from programme_tracker.jobs.heartbeat import beat, last_beat
from programme_tracker.jobs.metrics import ports_for, serve_metrics
from programme_tracker.jobs.models import WorkerBeat
from programme_tracker.jobs.witness import FILE, watch_for_restore
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.application import current_settings, set_settings
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.messaging.holds import BY_PERSON, RESTORED, is_held, open_holds
from programme_tracker.messaging.providers import RecordingProvider
from programme_tracker.messaging.services import hold_sending, release_sending
from tests import ready
from tests.bare import NOON
from tests.factories.cases import CaraCase
from tests.factories.records import is_whole, refused

case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template


def ready_status(client: FlaskClient) -> tuple[int, str]:
    answer = client.get("/health/ready")
    return answer.status_code, answer.get_json()["status"]


@pytest.mark.each_store
def test_work_undone_for_five_minutes_is_not_ready(
    case: CaraCase, clock: SettableClock, client: FlaskClient
) -> None:
    assert ready_status(client) == (200, "ok")
    clock.advance(timedelta(minutes=5))
    assert ready_status(client) == (200, "ok")
    clock.advance(timedelta(seconds=1))
    assert ready_status(client) == (503, "due work is not done")
    assert client.get("/health/live").status_code == 200
    run_due(RecordingProvider(), now=clock.now())
    assert ready_status(client) == (200, "ok")


@pytest.mark.each_store
def test_held_sending_sends_nothing_and_stays_ready(
    case: CaraCase, clock: SettableClock, client: FlaskClient
) -> None:
    provider = RecordingProvider()
    hold_sending(BY_PERSON, "trying a backup", actor=case.team.manager, now=clock.now())
    run_due(provider, now=clock.now())
    assert provider.sent == []
    clock.advance(timedelta(minutes=6))
    assert client.get("/health/ready").get_json() == {"status": "ok", "sending": "held"}
    release_sending("it was a trial", actor=case.team.manager, now=clock.now())
    run_due(provider, now=clock.now())
    assert len(provider.sent) == 2
    assert is_whole()


def test_hold_and_release_need_a_reason(case: CaraCase, clock: SettableClock) -> None:
    from programme_tracker.kernel.errors import Code

    with refused(Code.NOT_ALLOWED):
        hold_sending(BY_PERSON, " ", actor=SYSTEM, now=clock.now())
    hold_sending(BY_PERSON, "a", actor=SYSTEM, now=clock.now())
    hold_sending(BY_PERSON, "b", actor=SYSTEM, now=clock.now())
    assert [row.reason for row in open_holds()] == ["a"]
    with refused(Code.NOT_ALLOWED):
        release_sending("", actor=SYSTEM, now=clock.now())
    assert is_held()


def test_standing_costs_the_same_however_much_waits(case: CaraCase, clock: SettableClock) -> None:
    statements: list[str] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def _count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    standing(clock.now())
    before = len([one for one in statements if one.startswith("SELECT")])
    run_due(RecordingProvider(), now=clock.now())
    statements.clear()
    standing(clock.now())
    assert len([one for one in statements if one.startswith("SELECT")]) == before <= 10


@pytest.mark.each_store
def test_worker_gives_a_sign_every_half_minute(case: CaraCase) -> None:
    assert last_beat() is None
    worker.give_sign(at=NOON)
    worker.give_sign(at=NOON + timedelta(seconds=29))
    assert last_beat() == NOON
    worker.give_sign(at=NOON + timedelta(seconds=30))
    assert last_beat() == NOON + timedelta(seconds=30)


def test_worker_that_stopped_for_good_is_forgotten(case: CaraCase) -> None:
    beat("old", at=NOON)
    beat("new", at=NOON + timedelta(days=1, minutes=1))
    assert [row.worker for row in db.session.scalars(select(WorkerBeat))] == ["new"]


def test_database_put_back_holds_sending_before_anything_goes(
    app: Flask, clock: SettableClock, tmp_path: Path, sqlite_template: Path
) -> None:
    """A plain copy of the file is put back, not one of our own backups: it does not know that it is one."""
    file, copy = tmp_path / "tests.sqlite3", tmp_path / "copy.sqlite3"
    dispatch = Dispatch(RecordingProvider(), threads=1)
    with app.app_context():
        hold_sending(BY_PERSON, "quiet while it is copied", actor=SYSTEM, now=clock.now())
        release_sending("copied", actor=SYSTEM, now=clock.now())
    shutil.copyfile(file, copy)
    assert worker.tick(app, threading.Event(), dispatch) > 0
    with app.app_context():
        assert not is_held()
        assert (current_settings().instance_path / FILE).exists()
        db.engine.dispose()
    shutil.copyfile(copy, file)
    app.extensions.pop("programme_tracker.worker.last_sign")  # the worker is started anew
    assert worker.tick(app, threading.Event(), dispatch) == 0
    with app.app_context():
        assert [row.cause for row in open_holds()] == [RESTORED]
        release_sending("the provider's log was looked at", actor=SYSTEM, now=clock.now())
        app.extensions.pop("programme_tracker.worker.last_sign")
    assert worker.tick(app, threading.Event(), dispatch) > 0
    dispatch.close()


def test_trail_that_grew_is_no_restore(case: CaraCase, clock: SettableClock, tmp_path: Path) -> None:
    assert not watch_for_restore(tmp_path, now=clock.now())
    run_due(RecordingProvider(), now=clock.now())
    assert not watch_for_restore(tmp_path, now=clock.now())
    (tmp_path / FILE).write_text("no json")
    assert not watch_for_restore(tmp_path, now=clock.now())
    assert not is_held()


def test_figures_are_read_on_a_port_of_their_own_and_name_nobody(
    case: CaraCase, clock: SettableClock, app: Flask, unused_port: int
) -> None:
    assert len(ports_for(app, first=0, count=1)) == 0
    metrics = MetricsSettings(unused_port, "127.0.0.1")
    set_settings(app, replace(current_settings(), metrics=metrics))
    clock.advance(timedelta(minutes=10))
    with serve_metrics(app, ports=ports_for(app, first=0, count=1)) as server:
        assert server is not None
        with serve_metrics(app, ports=ports_for(app, first=0, count=1)) as second:
            assert second is None
        before = read(unused_port)
        run_due(RecordingProvider(), now=clock.now())
        after = read(unused_port)
    assert 'programme_tracker_oldest_due_seconds{work="message"} 600.0' in before
    assert 'programme_tracker_oldest_due_seconds{work="message"} 0.0' in after
    assert 'programme_tracker_messages_total{channel="sms",state="accepted"}' in after
    assert "programme_tracker_message_lateness_seconds_bucket" in after
    assert "programme_tracker_database_up 1.0" in after
    assert "Sam" not in after and "7700" not in after


def read(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
