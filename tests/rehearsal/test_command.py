"""The command: exit status, what goes where, and that one bad file stops no other."""

import json
from pathlib import Path

import pytest

from programme_tracker.app import create_app
from programme_tracker.rehearsal.command import rehearse_files
from programme_tracker.rehearsal.verbs import PERFORM
from programme_tracker.rehearsal.vocabulary import VERBS
from tests.rehearsal.files import HEAD, timeline, write

HOLDS = 'expect:\n  - {gate: pending, enrolment: sam-cara, count: 1}\nnever:\n  - {sms: "*"}\n'
FAILS = "expect:\n  - {gate: granted, enrolment: sam-cara}\n"


@pytest.fixture
def good(tmp_path: Path) -> str:
    return write(tmp_path, timeline() + HOLDS, "good.yaml")


@pytest.fixture
def failing(tmp_path: Path) -> str:
    return write(tmp_path, timeline() + FAILS, "failing.yaml")


@pytest.fixture
def unreadable(tmp_path: Path) -> str:
    return write(tmp_path, timeline("at: 2026-09-02 09:00, abolish: {}"), "unreadable.yaml")


def run(*paths: str, as_json: bool = False) -> int:
    return rehearse_files(paths, as_json=as_json, make_app=create_app)


def test_command_ends_with_0_when_everything_held(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(good, good) == 0
    assert "2 of 2 held" in capsys.readouterr().out


def test_command_ends_with_1_and_shows_the_nearest_effects(
    good: str, failing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(failing, good) == 1
    shown = capsys.readouterr().out
    assert "expect {gate: granted, enrolment: sam-cara}: nothing matched" in shown
    assert "{at: 2026-09-01 09:00, gate: pending, enrolment: sam-cara}" in shown
    assert "1 of 2 held" in shown


def test_command_ends_with_2_for_an_unreadable_file_and_runs_the_others(
    good: str, failing: str, unreadable: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(unreadable, failing, good) == 2
    out, err = capsys.readouterr()
    assert "unreadable.yaml:13: timeline[2].abolish: unknown verb" in err
    assert "1 of 3 held" in out


def test_command_prints_json_and_nothing_else(
    good: str, failing: str, unreadable: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(good, failing, unreadable, as_json=True) == 2
    results = json.loads(capsys.readouterr().out)
    assert [(Path(one["file"]).name, one["held"]) for one in results] == [
        ("good.yaml", True),
        ("failing.yaml", False),
        ("unreadable.yaml", False),
    ]
    assert {"at": "2026-09-01 09:00", "gate": "pending", "enrolment": "sam-cara"} in results[0]["effects"]
    assert results[1]["failures"][0]["wanted"] == {"gate": "granted", "enrolment": "sam-cara"}
    assert "abolish" in results[2]["failures"][0]["message"]


def test_command_refuses_a_name_given_to_two_things(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = "at: 2026-09-01 09:00, session: {as: A, programme: cara, starts: 2026-09-12 10:00, staff: []}"
    assert run(write(tmp_path, timeline(session, session))) == 2
    assert "session.as: there is a session named A already" in capsys.readouterr().err


def test_command_tells_when_the_application_breaks(
    good: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("programme_tracker.rehearsal.runner.PERFORM", {"refer": broken})
    assert run(good) == 1
    out, err = capsys.readouterr()
    assert "refer at 2026-09-01 09:00 broke" in out
    assert "a defect" in err


def test_every_verb_that_is_read_is_performed() -> None:
    assert PERFORM.keys() == VERBS.keys()


def test_head_alone_is_a_rehearsal(tmp_path: Path) -> None:
    assert run(write(tmp_path, HEAD)) == 0
