"""One contender measured: how soon its texts left, what that cost, and what kills lose or double."""

import json
import random
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.dispatch.contenders import Contender, environ_for
from benchmarks.dispatch.processes import Meter, Worker, wait_until
from benchmarks.dispatch.words import number_of

#: From the workers' start to the moment the texts fall due: all are up and waiting by then.
LEAD_SECONDS = 12.0

#: Kills, and the seconds from one to the next.
KILLS = 5
BETWEEN_KILLS = 2.0


@dataclass(frozen=True)
class Speed:
    """One contender with nothing going wrong; seconds, MiB, and texts."""

    contender: Contender
    texts: int
    sent: int
    seconds: float
    lateness_p50: float
    lateness_p99: float
    cpu_seconds: float
    peak_mib: float

    @property
    def per_second(self) -> float:
        """Return texts a second from the moment they were due to the last one gone."""
        return self.sent / self.seconds if self.seconds else 0.0

    @property
    def per_core_second(self) -> float:
        """Return texts for each second of processor time the workers used."""
        return self.sent / self.cpu_seconds if self.cpu_seconds else 0.0


@dataclass(frozen=True)
class Kills:
    """One contender with workers killed: texts that never came, and texts that came twice."""

    contender: Contender
    texts: int
    lost: int
    doubled: int
    lateness_max: float


class Stub:
    """The provider's stub from outside."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, path: str) -> object:
        """Call one of its own addresses."""
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return json.loads(answer.read())

    def received(self) -> list[tuple[float, int]]:
        """Return when each text came, by its number."""
        texts = self.ask("/received")
        assert isinstance(texts, list)
        return [(at, number_of(body)) for at, _, body in texts]


def noon_shift(due: float) -> float:
    """Return the seconds that make it noon in UTC at ``due``, an hour at which texts may go."""
    moment = datetime.fromtimestamp(due, UTC)
    return (moment.replace(hour=12, minute=0, second=0, microsecond=0) - moment).total_seconds()


@contextmanager
def working(
    contender: Contender, texts: int, stub: Stub, *, through_stub: bool
) -> Iterator[tuple[list[Worker], float]]:
    """Make the work, start the workers, and give them with the moment the texts fall due."""
    # The shift is fixed before the work is made, so that all of it is under one clock.
    shift = noon_shift(time.time())
    stub.ask(f"/shift?seconds={shift}")
    extra = {"BENCH_SHIFT": shift, "BENCH_STUB": stub.address if through_stub else ""}
    environ = environ_for(contender, **extra)
    due = time.time() + LEAD_SECONDS + texts / contender.pace
    contender.enqueue(texts, due, environ)
    if time.time() + LEAD_SECONDS / 2 > due:
        print(f"  making the work took longer than expected: {contender.name}", file=sys.stderr)
    log = Path(tempfile.gettempdir()) / "dispatch-benchmark.log"
    workers = [Worker(list(contender.command), environ, log) for _ in range(contender.workers)]
    try:
        for worker in workers:
            worker.start()
        yield workers, due
    finally:
        for worker in workers:
            worker.stop()


def measure_speed(
    contender: Contender, texts: int, stub: Stub, *, through_stub: bool, patience: float
) -> Speed:
    """Let everything go as it should and take the times."""
    stub.ask("/reset")
    with working(contender, texts, stub, through_stub=through_stub) as (workers, due):
        time.sleep(max(0.0, due - time.time() - 1))
        meter = Meter({worker.process.pid for worker in workers if worker.process})
        meter.look()
        started_with = meter.seconds

        def done() -> bool:
            meter.look()
            return time.time() > due and contender.pending() == 0

        wait_until(done, patience, every=0.25)
        ended = time.time()
    received = stub.received() if through_stub else []
    late = sorted(at - due for at, _ in received)
    left = contender.pending() if not through_stub else 0
    last = max((at for at, _ in received), default=ended)
    return Speed(
        *(contender, texts, len({number for _, number in received}) if through_stub else texts - left),
        *(last - due, _share(late, 0.5), _share(late, 0.99), meter.seconds - started_with, meter.peak_mib),
    )


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def measure_kills(contender: Contender, texts: int, stub: Stub, *, patience: float) -> Kills:
    """Kill a worker every two seconds from the moment the texts are due, five times, and start another."""
    stub.ask("/reset")
    chance = random.Random(7)
    with working(contender, texts, stub, through_stub=True) as (workers, due):
        time.sleep(max(0.0, due - time.time()) + 0.7)
        for _ in range(KILLS):
            worker = chance.choice(workers)
            worker.kill()
            worker.start()
            time.sleep(BETWEEN_KILLS)
        wait_until(lambda: contender.pending() == 0, patience, every=1.0)
        time.sleep(2)
    received = stub.received()
    times = Counter(number for _, number in received)
    return Kills(
        *(contender, texts, texts - len(times), sum(count - 1 for count in times.values())),
        max((at - due for at, _ in received), default=0.0),
    )
