"""``programme-tracker run``: starts, keeps going, keeps the data, and stops whole."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.running import ended, running

PROGRAM = [sys.executable, "-m", "programme_tracker.cli"]


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the invented data was loaded once; the wheel's test starts from nothing."""
    folder = tmp_path_factory.mktemp("loaded")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PT_")}
    subprocess.run([*PROGRAM, "demo", "load"], cwd=folder, env=environ, check=True)
    return folder


@pytest.fixture
def folder(loaded: Path, tmp_path: Path) -> Path:
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_run_shows_the_page_and_the_sign_ins_and_stops_whole(folder: Path) -> None:
    with running(PROGRAM, folder) as product:
        status, page = product.page()
        assert status == 200
        assert "<html" in page
        assert any("victim safety" in line.lower() for line in product.lines)
        assert any("Its data is in" in line and "SQLite" in line for line in product.lines)
        children = product.children()
        assert product.press_ctrl_c() == 0
        assert all(ended(pid) for pid in children)
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(("127.0.0.1", urlsplit(product.url).port or 0))


def test_second_run_keeps_the_data(folder: Path) -> None:
    with running(PROGRAM, folder) as product:
        product.press_ctrl_c()
    database = folder / "instance" / "programme_tracker.sqlite3"
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("INSERT INTO stored_settings VALUES ('kept', 'yes', '2026-09-01 08:00:00')")
    staff = connection.execute("SELECT count(*) FROM staff").fetchone()
    connection.close()
    with running(PROGRAM, folder) as product:
        product.press_ctrl_c()
    connection = sqlite3.connect(database)
    kept = connection.execute("SELECT value FROM stored_settings WHERE key = 'kept'").fetchone()
    assert kept == ("yes",)
    assert connection.execute("SELECT count(*) FROM staff").fetchone() == staff
    connection.close()


def test_killed_worker_is_started_again(folder: Path) -> None:
    with running(PROGRAM, folder) as product:
        web, worker = product.children()
        os.kill(worker, signal.SIGKILL)
        product.read_until("The worker process ended and is started again.")
        assert product.page()[0] == 200
        assert web in product.children()
        assert product.press_ctrl_c() == 0


def test_killed_run_takes_its_processes_along(folder: Path) -> None:
    with running(PROGRAM, folder) as product:
        children = product.children()
        product.process.kill()
        assert all(ended(pid) for pid in children)
