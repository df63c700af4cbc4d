"""Each command does its work, or says in one sentence why not."""

import json
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Command = Callable[..., Result]
SCENARIO = Path(__file__).parents[1] / "rehearsal" / "scenarios" / "01-cara-second-workshop-missed.yaml"


@pytest.fixture
def database(command: Command, tmp_path: Path) -> Path:
    assert command("db", "upgrade").exit_code == 0
    return tmp_path / "instance" / "programme_tracker.sqlite3"


def told(outcome: Result) -> str:
    """Return the one sentence that a refusal is."""
    assert outcome.exit_code != 0
    assert "Traceback" not in outcome.output
    sentence = outcome.stderr.strip()
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("name", ["web", "worker"])
def test_service_without_a_secret_is_refused_by_name(command: Command, name: str) -> None:
    outcome = command(name)
    assert "PT_SECRET_KEY is not set" in told(outcome)
    assert outcome.exit_code == 2


def test_unknown_setting_is_refused(command: Command) -> None:
    outcome = command("run", PT_POTR="8000")
    assert "did you mean PT_PORT?" in told(outcome)
    assert outcome.exit_code == 2


def test_taken_port_is_told_in_one_sentence(command: Command, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port} is taken" in told(command("run", PT_PORT=str(port)))
    assert not list(tmp_path.rglob("*.sqlite3"))


def test_address_of_another_machine_is_refused(command: Command) -> None:
    assert "PT_HOST" in told(command("run", PT_HOST="192.0.2.1"))


@pytest.mark.parametrize("name", ["run", "web", "worker"])
def test_database_of_a_newer_version_is_refused(command: Command, database: Path, name: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    connection.close()
    assert "made by a newer version" in told(command(name, PT_DEMO="1", PT_PORT="8971"))


@pytest.mark.parametrize("name", ["web", "worker"])
def test_service_on_an_old_schema_asks_for_an_upgrade(command: Command, name: str) -> None:
    assert "run programme-tracker db upgrade" in told(command(name, PT_DEMO="1"))


def test_broken_database_file_is_told_in_one_sentence(command: Command, database: Path) -> None:
    database.write_bytes(b"no database at all" * 1000)
    assert "The database cannot be used" in told(command("db", "check"))


def test_unwritable_instance_folder_is_told_in_one_sentence(command: Command, tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("a file where a folder should be")
    assert "PT_INSTANCE_PATH" in told(command("db", "upgrade"))


def test_unreachable_server_is_told_in_one_sentence(command: Command) -> None:
    outcome = command("db", "upgrade", PT_DEMO="1", PT_DATABASE_URL="postgresql://u:secret@127.0.0.1:9/x")
    assert "The database cannot be used" in told(outcome)
    assert "secret" not in outcome.output


def test_check_passes_a_fresh_database_and_finds_a_change(command: Command, database: Path) -> None:
    assert "whole and up to date" in command("db", "check").output
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE left_over (id INTEGER)")
    connection.close()
    outcome = command("db", "check")
    assert outcome.exit_code == 1
    assert "left_over" in outcome.stderr


@pytest.mark.usefixtures("database")
def test_downgrade_to_nothing_asks_first(command: Command) -> None:
    assert command("db", "downgrade", "base", text="n\n").exit_code == 1
    assert "at base" in command("db", "downgrade", "base", text="y\n").output


@pytest.mark.usefixtures("database")
def test_account_is_added_reset_and_disabled(command: Command) -> None:
    added = command("user", "add", "ada", "--name", "Ada Example", "--role", "admin")
    assert "ada may sign in once with" in added.output
    assert "ada may sign in once with" in command("user", "reset", "ada").output
    assert "can no longer sign in" in command("user", "disable", "ada").output
    assert command("audit", "verify").output == "The audit trail is whole.\n"


@pytest.mark.usefixtures("database")
def test_account_refusals_are_one_sentence(command: Command) -> None:
    add = ("user", "add", "ada", "--name", "Ada Example", "--role", "facilitator")
    assert "one role" in told(command(*add, "--also-role", "police"))
    assert command(*add).exit_code == 0
    assert "has that sign-in name" in told(command(*add))
    assert "no account called bob" in told(command("user", "reset", "bob"))


def test_tampered_audit_trail_is_found(command: Command, database: Path) -> None:
    command("user", "add", "ada", "--name", "Ada Example", "--role", "admin")
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE audit_entries SET actor_name = 'somebody else'")
    connection.close()
    assert "The audit trail is broken" in told(command("audit", "verify"))


def test_demo_data_is_loaded_once_and_whole(command: Command, tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "programme_tracker.sqlite3.new").write_text("left by a start broken off")
    assert "The invented data is loaded." in command("demo", "load").output
    assert "nothing was loaded" in command("demo", "load").output


def test_demo_data_stays_out_of_a_real_installation(command: Command) -> None:
    assert "PT_" in told(command("demo", "load", PT_DEMO="0"))


def test_rehearsal_prints_json_and_nothing_else(command: Command) -> None:
    outcome = command("rehearse", str(SCENARIO), "--json")
    assert outcome.exit_code == 0, outcome.output
    assert json.loads(outcome.stdout)[0]["held"] is True


def test_rehearsal_of_a_missing_file_ends_with_two(command: Command) -> None:
    assert command("rehearse", "nowhere.yaml").exit_code == 2


def test_new_secrets_and_settings_are_printed(command: Command) -> None:
    assert command("secrets").output.count("PT_") == 3
    assert "| `PT_PORT` |" in command("settings").output
