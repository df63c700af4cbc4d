"""``programme-tracker run``: starts, keeps going, keeps the data, and stops whole."""

import os
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.running import ended, running

PROGRAM = [sys.executable, "-m", "programme_tracker.cli"]


def test_run_shows_the_page_and_the_sign_ins_and_stops_whole(tmp_path: Path) -> None:
    with running(PROGRAM, tmp_path) as product:
        status, page = product.page()
        assert status == 200
        assert "<html" in page
        assert any("victim safety" in line.lower() for line in product.lines)
        children = product.children()
        assert product.press_ctrl_c() == 0
        assert all(ended(pid) for pid in children)
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(("127.0.0.1", urlsplit(product.url).port or 0))


def test_second_run_keeps_the_data(tmp_path: Path) -> None:
    with running(PROGRAM, tmp_path) as product:
        product.press_ctrl_c()
    database = tmp_path / "instance" / "programme_tracker.sqlite3"
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("INSERT INTO stored_settings VALUES ('kept', 'yes', '2026-09-01 08:00:00')")
    staff = connection.execute("SELECT count(*) FROM staff").fetchone()
    connection.close()
    with running(PROGRAM, tmp_path) as product:
        product.press_ctrl_c()
    connection = sqlite3.connect(database)
    kept = connection.execute("SELECT value FROM stored_settings WHERE key = 'kept'").fetchone()
    assert kept == ("yes",)
    assert connection.execute("SELECT count(*) FROM staff").fetchone() == staff
    connection.close()


def test_killed_worker_is_started_again(tmp_path: Path) -> None:
    with running(PROGRAM, tmp_path) as product:
        web, worker = product.children()
        os.kill(worker, signal.SIGKILL)
        product.read_until("The worker process ended and is started again.")
        assert product.page()[0] == 200
        assert web in product.children()
        assert product.press_ctrl_c() == 0


def test_killed_run_takes_its_processes_along(tmp_path: Path) -> None:
    with running(PROGRAM, tmp_path) as product:
        children = product.children()
        product.process.kill()
        assert all(ended(pid) for pid in children)
