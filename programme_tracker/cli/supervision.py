"""Keeping the web process and the worker going, and stopping them together."""

import ctypes
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType

import click

#: A process that ends sooner than this after its start is not simply started again and again.
SHORT_LIFE_SECONDS = 5.0
SHORT_LIVES_ALLOWED = 3
STOP_SECONDS = 10.0
_SET_PARENT_DEATH_SIGNAL = 1


@dataclass
class _Child:
    name: str
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    short_lives: int = 0


class Supervisor:
    """Starts the project's own commands as processes and starts one again when it dies.

    Children have sessions of their own, so that Ctrl-C reaches this process alone and the worker
    finishes the item in its hands; on Linux they stop when this process is killed.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)
        self._children: list[_Child] = []
        self._stop = threading.Event()
        self._signals = 0

    def run(
        self, commands: tuple[str, ...], *, ready: Callable[[], bool], announce: Callable[[], None]
    ) -> None:
        """Keep ``commands`` running until a signal to stop; ``announce`` once when ``ready``.

        Raises ClickException when one keeps dying.
        """
        before = {number: signal.signal(number, self._signalled) for number in _STOPPING}
        try:
            self._children = [self._started(name) for name in commands]
            self._watch(ready, announce)
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _watch(self, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        announced = False
        while not self._stop.wait(0.1):
            if not announced and ready():
                announce()
                announced = True
            for child in self._children:
                if child.process.poll() is not None:
                    self._revive(child)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        self._stop.set()
        if self._signals > 1:
            for child in self._children:
                child.process.kill()

    def _started(self, name: str) -> _Child:
        process = subprocess.Popen(  # noqa: S603 - our own command, no outside word in it
            [sys.executable, "-m", "programme_tracker.cli", name],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        return _Child(name, process)

    def _revive(self, child: _Child) -> None:
        lived = time.monotonic() - child.started
        child.short_lives = child.short_lives + 1 if lived < SHORT_LIFE_SECONDS else 0
        if child.short_lives >= SHORT_LIVES_ALLOWED or child.process.returncode == 2:
            raise click.ClickException(f"The {child.name} process keeps ending; what it said stands above.")
        click.echo(f"The {child.name} process ended and is started again.", err=True)
        child.process, child.started = self._started(child.name).process, time.monotonic()

    def _stop_all(self) -> None:
        for child in self._children:
            child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()


_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _end_with_parent() -> None:
    """Ask Linux to end this new process when the one that started it is gone."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
