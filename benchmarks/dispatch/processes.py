"""Starting, killing and measuring processes of the benchmark: all on this machine, all ended at the end."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass
class Worker:
    """One worker of a contender, with the processes it starts in turn."""

    command: list[str]
    environ: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a process group of its own."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environ, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """Kill it and all it started, as a machine that loses power would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and kill what does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class Meter:
    """Processor time and memory of process groups, read from /proc while they live."""

    groups: set[int] = field(default_factory=set)
    cpu: dict[int, float] = field(default_factory=dict)
    peak_mib: float = 0.0

    def look(self) -> None:
        """Take one reading."""
        resident = 0.0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) in self.groups:
                # Reaped children are counted with their parent.
                self.cpu[int(entry.name)] = sum(map(int, fields[11:15])) / _TICKS
                resident += int(fields[21]) * _PAGE_MIB
        self.peak_mib = max(self.peak_mib, resident)

    @property
    def seconds(self) -> float:
        """Return the processor seconds seen so far."""
        return sum(self.cpu.values())


def run(module: str, *arguments: object, environ: dict[str, str]) -> None:
    """Run a module of ours to its end. Raises CalledProcessError with what it wrote."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    answer = subprocess.run(command, env=environ, capture_output=True, text=True)
    if answer.returncode:
        print(answer.stdout, answer.stderr, file=sys.stderr)
        answer.check_returncode()


def wait_until(condition: "object", seconds: float, every: float = 0.1) -> bool:
    """Wait until a condition holds, for so long at most; tell whether it did."""
    assert callable(condition)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(every)
    return False
