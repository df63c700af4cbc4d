"""Who takes part, each with its store, its workers and a way to tell when nothing is left to do."""

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from sqlalchemy import create_engine, text

from benchmarks.dispatch.processes import run

#: Connections to the provider that each worker has.
CONNECTIONS = 4

_OPEN = "SELECT count(*) FROM messages WHERE state IN ('planned', 'claimed', 'sending', 'unknown')"


@dataclass(frozen=True)
class Contender:
    """One way to dispatch, with so many workers."""

    name: str
    settings: str
    workers: int
    command: tuple[str, ...]
    environ: dict[str, str]
    enqueue: Callable[[int, float, dict[str, str]], None]
    pending: Callable[[], int]
    #: Texts that are enqueued in a second, at the least: all are there before they fall due.
    pace: float = 700.0

    @property
    def connections(self) -> int:
        """Return how many texts can be with the provider at once."""
        return self.workers * CONNECTIONS


@dataclass(frozen=True)
class Stores:
    """Where the stores of one run are; a fresh database for each contender."""

    folder: Path
    redis_url: str
    postgresql_url: str

    def fresh_postgresql(self, name: str) -> str:
        """Make an empty database and return its address."""
        parts = urlsplit(self.postgresql_url)
        with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")
        return urlunsplit(parts._replace(path=f"/{name}"))

    def fresh_sqlite(self, name: str) -> str:
        """Return the address of an SQLite file that is not there yet."""
        path = self.folder / f"{name}.sqlite3"
        for suffix in ("", "-journal", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return f"sqlite:///{path}"

    def fresh_redis(self) -> str:
        """Empty Redis and return its address."""
        redis.Redis.from_url(self.redis_url).flushall()
        return self.redis_url


def ours(stores: Stores, kind: str, workers: int) -> Contender:
    """Programme Tracker's own outbox and worker."""
    url = stores.fresh_sqlite("ours") if kind == "SQLite" else stores.fresh_postgresql("ours")
    environ = {
        "PT_DEMO": "1",
        "PT_DATABASE_URL": url,
        # A folder of its own: a worker that remembers another database holds all sending.
        "PT_INSTANCE_PATH": tempfile.mkdtemp(prefix="instance-", dir=stores.folder),
        "PT_SENDING_THREADS": str(CONNECTIONS),
    }

    def enqueue(texts: int, due: float, environ: dict[str, str]) -> None:
        run("benchmarks.dispatch.ours", "seed", texts, due, environ=environ)

    command = (sys.executable, "-m", "benchmarks.dispatch.ours", "work")
    return Contender("Programme Tracker", kind, workers, command, environ, enqueue, _counting(url, _OPEN))


def celery(stores: Stores, reliable: bool, workers: int) -> Contender:
    """Celery on Redis with ETA tasks, processes as workers, which is its default."""
    url = stores.fresh_redis()
    client = redis.Redis.from_url(url)

    def pending() -> int:
        return int(client.llen("celery")) + int(client.hlen("unacked"))

    command = (
        *(sys.executable, "-m", "celery", "-A", "benchmarks.dispatch.with_celery", "worker"),
        *(f"--concurrency={CONNECTIONS}", "--loglevel=WARNING"),
    )
    return Contender(
        *("Celery on Redis", _settings(reliable), workers, command),
        {"BENCH_REDIS": url, "BENCH_RELIABLE": str(int(reliable))},
        _by_module("benchmarks.dispatch.with_celery"),
        pending,
    )


def procrastinate(stores: Stores, reliable: bool, workers: int) -> Contender:
    """Procrastinate on PostgreSQL."""
    url = stores.fresh_postgresql("peer")
    query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'send' AND status IN ('todo', 'doing')"
    command = (
        *(sys.executable, "-m", "procrastinate", "--app=benchmarks.dispatch.with_procrastinate.app"),
        *("worker", f"--concurrency={CONNECTIONS}"),
    )
    return Contender(
        *("Procrastinate on PostgreSQL", _settings(reliable), workers, command),
        {"BENCH_POSTGRESQL": url, "BENCH_RELIABLE": str(int(reliable))},
        _by_module("benchmarks.dispatch.with_procrastinate"),
        _counting(url, query),
    )


def apscheduler(stores: Stores, reliable: bool) -> Contender:
    """One APScheduler job a text. Two schedulers on one store run jobs twice, so one worker."""
    url = stores.fresh_sqlite("apscheduler")
    environ = {
        "BENCH_STORE": url,
        "BENCH_CONNECTIONS": str(CONNECTIONS),
        "BENCH_RELIABLE": str(int(reliable)),
    }
    return Contender(
        *("One APScheduler job a text", _settings(reliable), 1),
        (sys.executable, "-m", "benchmarks.dispatch.with_apscheduler", "work"),
        environ,
        _by_module("benchmarks.dispatch.with_apscheduler"),
        _counting(url, "SELECT count(*) FROM apscheduler_jobs"),
        pace=150.0,
    )


def everybody(stores: Stores) -> list[Callable[[], Contender]]:
    """Return all who take part; each is made, with an empty store, when its turn comes."""
    return [
        lambda: ours(stores, "SQLite", 1),
        lambda: ours(stores, "SQLite", 4),
        lambda: ours(stores, "PostgreSQL", 1),
        lambda: ours(stores, "PostgreSQL", 4),
        lambda: celery(stores, False, 4),
        lambda: celery(stores, True, 4),
        lambda: procrastinate(stores, False, 4),
        lambda: procrastinate(stores, True, 4),
        lambda: apscheduler(stores, False),
        lambda: apscheduler(stores, True),
    ]


def _settings(reliable: bool) -> str:
    return "reliable" if reliable else "as it comes"


def _by_module(module: str) -> Callable[[int, float, dict[str, str]], None]:
    def enqueue(texts: int, due: float, environ: dict[str, str]) -> None:
        run(module, texts, due, environ=environ)

    return enqueue


def _counting(url: str, query: str) -> Callable[[], int]:
    engine = create_engine(url, connect_args={"timeout": 30} if url.startswith("sqlite") else {})

    def pending() -> int:
        with engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())

    return pending


def environ_for(contender: Contender, **extra: Any) -> dict[str, str]:
    """Return the environment of a contender's processes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PT_", "BENCH_"))}
    return kept | contender.environ | {name: str(value) for name, value in extra.items()}
