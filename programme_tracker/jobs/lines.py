"""Lines to the provider: threads that each hand over one text at a time, as quickly as it takes them."""

import threading
from collections import deque
from collections.abc import Sequence
from queue import SimpleQueue
from time import monotonic

from programme_tracker.messaging.providers import Provider
from programme_tracker.workflows.sending import Prepared, Result, attempt

#: What is prepared ahead is with the provider within so many seconds: a cancellation comes too late
#: for no longer than that.
AHEAD_SECONDS = 0.6

#: What is claimed at once has left within so many seconds.
CLAIMED_SECONDS = 1.5

#: Texts that share one transaction, at the most: others wait meanwhile to write.
MOST_TOGETHER = 500

MOST_CLAIMED = 1000

#: How long the end of an attempt may wait for others to be noted with it, in seconds.
NOTED_WITHIN = 0.1

#: What a text is thought to take before the first has shown it, in seconds.
_FIRST_GUESS = 0.05


class Lines:
    """So many threads that call one provider; they touch no database. ``close`` them after use."""

    def __init__(self, provider: Provider, number: int) -> None:
        self.number = number
        #: Texts handed over whose end was not yet fetched.
        self.flying = 0
        self._provider = provider
        self._todo: SimpleQueue[tuple[Prepared, float] | None] = SimpleQueue()
        self._done: deque[tuple[Result, float]] = deque()
        self._enough = threading.Event()
        self._wanted = 1
        self._seconds: float | None = None
        self._threads = [
            threading.Thread(target=self._run, name=f"texts-{index}", daemon=True) for index in range(number)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Let the threads end, once they have handed over what they were given."""
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()

    @property
    def together(self) -> int:
        """Return how many texts to prepare at once: many for a quick provider, few for a slow one."""
        return self._in(AHEAD_SECONDS, self._seconds or _FIRST_GUESS, MOST_TOGETHER)

    @property
    def at_once(self) -> int | None:
        """Return how many texts to claim at once; None before it is known how long one takes."""
        if self._seconds is None:
            return None
        return self._in(CLAIMED_SECONDS, self._seconds, MOST_CLAIMED)

    def _in(self, span: float, each: float, most: int) -> int:
        return max(self.number * 2, min(most, int(self.number * span / max(each, 1e-6))))

    @property
    def waiting(self) -> int:
        """Return how many texts are not yet at their end."""
        return self.flying - len(self._done)

    def hand_over(self, some: Sequence[Prepared], *, noted: float) -> None:
        """Give texts to the lines; ``noted`` is the monotonic time at which the attempts were noted."""
        self.flying += len(some)
        for prepared in some:
            self._todo.put((prepared, noted))

    def ended(self, wanted: int, *, within: float) -> list[Result]:
        """Return what has ended, as soon as it is ``wanted``, or ``within`` seconds at the latest."""
        self._wanted = max(1, wanted)
        self._enough.clear()
        if len(self._done) < self._wanted:
            self._enough.wait(min(within, NOTED_WITHIN))
        ended = [self._done.popleft() for _ in range(len(self._done))]
        self.flying -= len(ended)
        if ended:
            took = sum(seconds for _, seconds in ended) / len(ended)
            self._seconds = took if self._seconds is None else (self._seconds + took) / 2
        return [result for result, _ in ended]

    def _run(self) -> None:
        while (given := self._todo.get()) is not None:
            prepared, noted = given
            began = monotonic()
            result = attempt(prepared, self._provider, noted=noted)
            self._done.append((result, monotonic() - began))
            if len(self._done) >= self._wanted:
                self._enough.set()
