"""Processes of the application for tests: started quickly, killed at will, each on its own clock."""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import event

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.escalation.models import Decision
from programme_tracker.jobs.due import run_due
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.messaging.outcomes import Accepted, Report
from programme_tracker.workflows.booking import book
from programme_tracker.workflows.deciding import decide
from programme_tracker.workflows.registers import correct, submit_register
from tests.ready import open_app

#: Nothing here takes longer unless it hangs.
PATIENCE_SECONDS = 120


def quick_context() -> ForkServerContext:
    """Return a context whose processes start with everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.warm"])
    return context


class Life:
    """Counts a process's steps: statements, commits, and either side of handing a text over.

    At step ``die_at`` the process kills itself with SIGKILL, so that a kill can come between any
    two things that another process could see.
    """

    def __init__(self, die_at: int | None) -> None:
        self.steps = 0
        self.die_at = die_at

    def step(self, *_given: Any) -> None:
        """Take one step, or die."""
        self.steps += 1
        if self.steps == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)


class LedgerProvider:
    """Notes each text it is given in a file that outlives whoever called, then accepts it."""

    def __init__(self, ledger: Path, life: Life) -> None:
        self._ledger = ledger
        self._life = life

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Append one line in one write, so that processes cannot mix theirs."""
        self._life.step()
        write_line(self._ledger, str(message_id))
        write_line(self._ledger.with_name("taken"), json.dumps([message_id, to, body]))
        self._life.step()
        return Accepted(f"ledger-{message_id}")

    def find(self, to: str, since: datetime) -> list[Report]:
        """Return the texts that the ledger's other half has for a number."""
        taken = [json.loads(line) for line in lines_of(self._ledger.with_name("taken"))]
        return [Report(f"ledger-{number}", "sent", body) for number, whose, body in taken if whose == to]

    def fetch(self, sid: str) -> Report | None:
        """Know of nothing."""
        return None

    def redact(self, sid: str) -> None:
        """Keep nothing."""


def write_line(path: Path, line: str) -> None:
    """Append a line in one write, which a kill cannot split."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def lines_of(path: Path) -> list[str]:
    """Return the lines written so far."""
    return path.read_text().splitlines() if path.exists() else []


@contextmanager
def _application(url: str, folder: Path, now: datetime, die_at: int | None = None) -> Iterator[Life]:
    life = Life(die_at)
    with open_app(url, folder, SettableClock(now)):
        event.listen(db.engine, "before_cursor_execute", life.step)
        event.listen(db.engine, "commit", life.step)
        yield life


def work(url: str, folder: Path, now: datetime, *, start: Any = None, die_at: int | None = None) -> None:
    """Be a worker: do what is due at ``now`` until nothing is."""
    with _application(url, folder, now, die_at) as life:
        if start is not None:
            start.wait(PATIENCE_SECONDS)
        provider = LedgerProvider(folder / "texts", life)
        while run_due(provider, now=now, worker=f"w{os.getpid()}"):
            pass


def submit(
    url: str,
    folder: Path,
    now: datetime,
    session_id: int,
    outcomes: dict[int, str],
    token: str,
    actor: Actor,
    *,
    start: Any = None,
    die_at: int | None = None,
) -> None:
    """Be a facilitator's request: submit a register and note the answer given."""
    marks = {enrolment_id: MarkDetails(Outcome(outcome)) for enrolment_id, outcome in outcomes.items()}
    with _application(url, folder, now, die_at):
        if start is not None:
            start.wait(PATIENCE_SECONDS)
        try:
            done = submit_register(session_id, marks, token=token, actor=actor, now=now)
            write_line(folder / "answers", f"{token} {'again' if done.again else 'submitted'}")
        except RefusedError as refused:
            write_line(folder / "answers", f"{token} {refused.code}")


def decide_all(
    url: str, folder: Path, now: datetime, enrolment_ids: list[int], actor: Actor, start: Any
) -> None:
    """Be victim safety's requests: decide on every case to proceed."""
    with _application(url, folder, now):
        start.wait(PATIENCE_SECONDS)
        for enrolment_id in enrolment_ids:
            decide(enrolment_id, Decision.PROCEED, actor=actor, now=now)


def correct_all(
    url: str,
    folder: Path,
    now: datetime,
    session_id: int,
    enrolment_ids: list[int],
    actor: Actor,
    approver: Actor,
    start: Any,
) -> None:
    """Be a facilitator's requests: everybody had come after all, and a second person agrees."""
    came = MarkDetails(Outcome.ATTENDED)
    with _application(url, folder, now):
        start.wait(PATIENCE_SECONDS)
        for enrolment_id in enrolment_ids:
            correct(
                session_id, enrolment_id, came, why="wrong line", actor=actor, approved_by=approver, now=now
            )


def take_place(
    url: str, folder: Path, now: datetime, session_id: int, enrolment_id: int, actor: Actor, start: Any
) -> None:
    """Be a caseworker's request: book one person and note the answer given."""
    with _application(url, folder, now):
        start.wait(PATIENCE_SECONDS)
        try:
            book(session_id, enrolment_id, actor=actor, now=now)
            write_line(folder / "answers", "booked")
        except RefusedError as refused:
            write_line(folder / "answers", refused.code.value)


def started(
    context: ForkServerContext, target: Callable[..., None], *given: Any, **named: Any
) -> ForkServerProcess:
    """Start a process on a piece of work."""
    process = context.Process(target=target, args=given, kwargs=named, daemon=True)
    process.start()
    return process


def all_done(*processes: ForkServerProcess) -> bool:
    """Wait for processes to end; tell whether all ended well."""
    for process in processes:
        process.join(PATIENCE_SECONDS)
    return all(process.exitcode == 0 for process in processes)
