"""The trail's head outside the database: a cut tail shows, and so does a changed anchor."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from programme_tracker.audit.anchors import EVERY, EVERY_ENTRIES, anchor_when_due, anchored_lines
from programme_tracker.audit.anchors import fault_of_anchors as fault
from programme_tracker.audit.services import record, verify
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.application import current_settings, set_settings
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction


@pytest.fixture
def kept(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """Give the file that heads are appended to; runs inside a context."""
    path = tmp_path / "anchor.jsonl"
    with app.app_context():
        anchor_at(app, str(path))
        yield path


def anchor_at(app: Flask, place: str) -> None:
    set_settings(app, replace(current_settings(), audit_anchor=place))


def write(clock: SettableClock, times: int = 1, event: str = "something") -> None:
    for _ in range(times):
        with transaction():
            record(event, actor=SYSTEM, at=clock.now())


def cut(after: int, entry_hash: str) -> None:
    """Cut the tail off and set the head back, so that the chain alone looks whole."""
    with transaction():
        db.session.execute(text(f"DELETE FROM audit_entries WHERE sequence > {after}"))
        db.session.execute(
            text("UPDATE audit_head SET sequence = :at, entry_hash = :hash"),
            {"at": after, "hash": entry_hash},
        )


def test_head_is_anchored_at_once_then_by_time_or_by_number(kept: Path, clock: SettableClock) -> None:
    write(clock)
    assert anchor_when_due(clock.now())
    assert not anchor_when_due(clock.now()), "nothing is new"
    write(clock)
    assert not anchor_when_due(clock.now())
    clock.advance(EVERY)
    assert anchor_when_due(clock.now())
    write(clock, EVERY_ENTRIES)
    assert anchor_when_due(clock.now())
    write(clock)
    assert anchor_when_due(clock.now(), at_once=True), "a worker that stops leaves nothing behind"
    sequences = [json.loads(line)["sequence"] for line in anchored_lines(str(kept))]
    assert sequences == [1, 2, 2 + EVERY_ENTRIES, 3 + EVERY_ENTRIES]
    assert fault(anchored_lines(str(kept))) is None


def test_tail_cut_off_shows_only_by_the_anchor(kept: Path, clock: SettableClock) -> None:
    write(clock, 2)
    anchor_when_due(clock.now(), at_once=True)
    second = json.loads(anchored_lines(str(kept))[0])["hash"]
    write(clock, 3)
    anchor_when_due(clock.now(), at_once=True)
    cut(2, second)
    assert verify() is None, "the chain alone sees nothing"
    assert "entry 5, anchored on 01 Sep 2026" in (fault(anchored_lines(str(kept))) or "")
    write(clock, 3, event="something else")
    assert "entry 5 is not the one that was anchored" in (fault(anchored_lines(str(kept))) or "")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"sequence":1', '"sequence":2', "was changed"),
        ('"mac":"', '"mac":"0', "was changed"),
        ("{", "", "cannot be read"),
    ],
)
def test_changed_anchor_shows(kept: Path, clock: SettableClock, old: str, new: str, said: str) -> None:
    write(clock, 2)
    anchor_when_due(clock.now())
    lines = [line.replace(old, new, 1) for line in anchored_lines(str(kept))]
    if old != '"sequence":1':
        assert said in (fault(lines) or "")
    else:
        lines = [line.replace('"sequence":2', '"sequence":1') for line in anchored_lines(str(kept))]
        assert said in (fault(lines) or "")


def test_no_place_means_no_anchor(app: Flask, clock: SettableClock) -> None:
    with app.app_context():
        write(clock)
        assert not anchor_when_due(clock.now(), at_once=True)


def test_place_that_fails_is_tried_again(app: Flask, kept: Path, clock: SettableClock) -> None:
    write(clock)
    anchor_at(app, str(kept.parent / "absent" / "anchor"))
    assert not anchor_when_due(clock.now())
    anchor_at(app, str(kept))
    assert anchor_when_due(clock.now())


def test_head_is_posted_to_an_address(app: Flask, kept: Path, clock: SettableClock) -> None:
    received: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        write(clock)
        anchor_at(app, f"http://127.0.0.1:{server.server_port}/heads")
        assert anchor_when_due(clock.now())
    assert fault(received) is None
    assert json.loads(received[0])["sequence"] == 1
