"""The restore drill: copied while in use, checked, put in its place, and silent until released."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from programme_tracker.cli import main
from programme_tracker.messaging.holds import RESTORED


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Settings of an installation of its own, with the database made."""
    settings = {
        "PT_DEMO": "1",
        "PT_INSTANCE_PATH": str(tmp_path / "instance"),
        "PT_DATABASE_URL": f"sqlite:///{tmp_path / 'live.sqlite3'}",
    }
    assert run(settings, "db", "upgrade").exit_code == 0
    added = run(settings, "user", "add", "ada", "--name", "Ada Ł", "--role", "admin")
    assert added.exit_code == 0, added.output
    return settings


def run(environ: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, words, env=environ)


def test_restored_backup_is_whole_and_sends_nothing_until_released(
    environ: dict[str, str], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    made = run(environ, "db", "backup", str(copy))
    assert made.exit_code == 0, made.output
    assert copy.stat().st_mode & 0o077 == 0
    assert run(environ, "sending", "show").output == "Sending is on.\n"

    # The machine is lost; the copy is put in place of the database elsewhere.
    (tmp_path / "live.sqlite3").unlink()
    copy.rename(tmp_path / "live.sqlite3")
    figures = str(tmp_path / "copy.sqlite3.json")
    checked = run(environ, "db", "verify-restore", "--figures", figures)
    assert checked.exit_code == 0, checked.output
    assert "integrity, migration, audit trail and what the backup counted" in checked.output
    assert "Held since" in run(environ, "sending", "show").output
    assert run(environ, "sending", "release", "nothing went out since").output == "Sending goes on.\n"
    assert run(environ, "sending", "show").output == "Sending is on.\n"
    assert run(environ, "audit", "verify").exit_code == 0


TAMPERED = {
    "counts": "DELETE FROM staff",
    "audit trail": "UPDATE audit_entries SET event = 'nothing' WHERE sequence = 1",
    "audit head": "DELETE FROM audit_entries; UPDATE audit_head SET sequence = 0, entry_hash = ''",
    "sending": f"DELETE FROM sending_holds WHERE cause = '{RESTORED}'",
    "migration": "UPDATE alembic_version SET version_num = '5a28002a8987'",
}


@pytest.mark.parametrize("fault", TAMPERED)
def test_fault_of_a_restored_database_is_named(environ: dict[str, str], tmp_path: Path, fault: str) -> None:
    copy = tmp_path / "copy.sqlite3"
    run(environ, "db", "backup", str(copy))
    with closing(sqlite3.connect(copy)) as connection:
        connection.executescript(TAMPERED[fault])
    checked = run(environ, "db", "verify-restore", str(copy))
    assert checked.exit_code == 1
    assert f"{fault}: " in checked.output


def test_damaged_file_is_told_of(environ: dict[str, str], tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    run(environ, "db", "backup", str(copy))
    content = bytearray(copy.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    copy.write_bytes(content)
    checked = run(environ, "db", "verify-restore", str(copy))
    assert checked.exit_code == 1
    assert "Traceback" not in checked.output


def test_backup_overwrites_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    copy.write_text("something dear")
    assert "is there already" in run(environ, "db", "backup", str(copy)).output
    assert copy.read_text() == "something dear"


def test_backup_of_a_backup_holds_once(environ: dict[str, str], tmp_path: Path) -> None:
    first, second = tmp_path / "first.sqlite3", tmp_path / "second.sqlite3"
    run(environ, "db", "backup", str(first))
    moved = environ | {"PT_DATABASE_URL": f"sqlite:///{first}"}
    assert run(moved, "db", "backup", str(second)).exit_code == 0
    assert run(moved, "db", "verify-restore", str(second)).exit_code == 0
    assert json.loads((tmp_path / "second.sqlite3.json").read_text())["audit_sequence"] > 0


def test_hold_by_hand_needs_a_reason_and_is_shown(environ: dict[str, str]) -> None:
    assert run(environ, "sending", "hold", " ").exit_code == 1
    assert run(environ, "sending", "hold", "moving house").exit_code == 0
    assert "moving house" in run(environ, "sending", "show").output
    assert run(environ, "sending", "release", "moved").exit_code == 0
    assert run(environ, "sending", "release", "moved").output == "Sending was not held.\n"
