"""Starting the product as a person would, from an empty folder, and watching what it says."""

import os
import select
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

#: Nothing here takes longer unless it hangs.
PATIENCE_SECONDS = 60.0


@dataclass
class Running:
    """A started ``programme-tracker run`` with what it printed so far."""

    process: subprocess.Popen[str]
    url: str
    lines: list[str] = field(default_factory=list)

    def read_until(self, words: str) -> str:
        """Read on to the first line that holds ``words``; fail when it ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if words in line:
                return line
        raise AssertionError(f"ended without saying {words!r}:\n" + "\n".join(self.lines))

    def page(self, path: str = "/") -> tuple[int, str]:
        """Fetch a page without signing in; return the status and the text."""
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_SECONDS) as answer:
            return answer.status, answer.read().decode()

    def children(self) -> list[int]:
        """List the processes it started, oldest first."""
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def press_ctrl_c(self) -> int:
        """Interrupt the whole process group, as a terminal does; return the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.read_until("Stopped.")
        return self.process.wait(PATIENCE_SECONDS)


def free_port() -> int:
    """Return a port that nobody listened on a moment ago."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def ended(pid: int) -> bool:
    """Wait for a process of any parent to end; False when it does not."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], PATIENCE_SECONDS)[0])
    finally:
        os.close(descriptor)


@contextmanager
def running(program: list[str], folder: Path, **settings: str) -> Iterator[Running]:
    """Start ``run`` in ``folder`` on a free port, wait for its first page, and clean up after it."""
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PT_")}
    process = subprocess.Popen(
        [*program, "run"],
        cwd=folder,
        env={**environ, "PYTHONUNBUFFERED": "1", "PT_PORT": str(port), **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    guard = threading.Timer(PATIENCE_SECONDS, process.kill)
    guard.start()
    try:
        started = Running(process, f"http://127.0.0.1:{port}")
        started.read_until("Ctrl-C stops it.")
        yield started
    finally:
        guard.cancel()
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
