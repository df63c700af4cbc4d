"""Handing claimed texts over: several at a time, each step for many at once.

The thread that calls this does all work on the database; the pool only calls the provider.
"""

import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from time import monotonic, sleep

from programme_tracker.jobs.failures import note_failure
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import Provider
from programme_tracker.messaging.services import Claim, put_back
from programme_tracker.workflows.sending import Prepared, Result, attempt, prepare, record_results

log = logging.getLogger(__name__)

#: The name of the kind of due work that texts are.
SEND = "send"

#: From when on a batch of texts goes by the time that has passed since it was claimed.
LONG_BATCH = timedelta(seconds=30)

#: Texts that share one transaction.
CHUNK = 50

#: Texts prepared ahead for each thread: enough that none is idle while others are prepared.
AHEAD = 8


class Dispatch:
    """Hands texts over to one provider with so many connections at a time.

    With ``threads`` of 1 texts go one after another, each looked at just before it goes, or
    ``ahead`` of them at once where the provider answers at once. ``close`` it after use.
    """

    def __init__(self, provider: Provider, *, threads: int = 1, ahead: int = 1) -> None:
        self.provider = provider
        self.threads = threads
        self.ahead = ahead
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="texts") if threads > 1 else None

    def close(self) -> None:
        """Let the threads end."""
        if self._pool is not None:
            self._pool.shutdown()

    def send(
        self, claims: Sequence[Claim], *, now: datetime, turns: Sequence[timedelta] | None = None
    ) -> None:
        """Send claimed texts; ``now`` is when they were claimed, ``turns`` the wait before each.

        A text that fails for our own fault is set aside, tried again later, and holds up no other.
        """
        started = monotonic()
        waits = deque(turns or [timedelta(0)] * len(claims))
        queue = deque(claims)
        moment = _Moment(now, started)
        if self._pool is None:
            self._send_in_turn(queue, waits, moment)
        else:
            self._send_together(self._pool, queue, waits, moment)

    def _send_in_turn(self, queue: deque[Claim], waits: deque[timedelta], moment: "_Moment") -> None:
        while queue:
            some = self._next(queue, waits, moment.started, self.ahead)
            prepared = self._prepared(some, moment())
            results = [attempt(one, self.provider, noted=noted) for one, noted in prepared]
            if results:
                self._record(results, moment())

    def _send_together(
        self,
        pool: ThreadPoolExecutor,
        queue: deque[Claim],
        waits: deque[timedelta],
        moment: "_Moment",
    ) -> None:
        flying: set[Future[Result]] = set()
        low = self.threads * 2
        while queue or flying:
            if queue and len(flying) <= low:
                some = self._next(queue, waits, moment.started, min(CHUNK, self.threads * AHEAD))
                for prepared, noted in self._prepared(some, moment()):
                    flying.add(pool.submit(attempt, prepared, self.provider, noted=noted))
            done = {future for future in flying if future.done()}
            if len(done) < min(CHUNK, len(flying)) and not (queue and len(flying) - len(done) <= low):
                wait(flying - done, return_when=FIRST_COMPLETED)
                continue
            flying -= done
            if done:
                self._record([future.result() for future in done], moment())

    def _next(self, queue: deque[Claim], waits: deque[timedelta], started: float, most: int) -> list[Claim]:
        """Return the texts that are prepared next: those whose turn has come, at least one."""
        _wait_until(started, waits[0])
        gone = timedelta(seconds=monotonic() - started)
        some: list[Claim] = []
        while queue and len(some) < most and (not some or waits[0] <= gone):
            waits.popleft()
            some.append(queue.popleft())
        return some

    def _prepared(self, claims: list[Claim], now: datetime) -> list[tuple[Prepared, float]]:
        """Prepare texts together; when that breaks one by one, so that only the broken one waits."""
        noted = monotonic()
        try:
            return [(one, noted) for one in prepare(claims, now=now)]
        except Exception as error:
            if len(claims) > 1:
                return [pair for claim in claims for pair in self._prepared([claim], now)]
            self._set_aside(claims[0], error, now)
            return []
        finally:
            db.session.close()

    def _record(self, results: list[Result], now: datetime) -> None:
        try:
            record_results(results, now=now)
        except Exception:
            # Together it broke; one by one at most one of them is lost to the asking.
            log.exception("noting the ends of attempts failed")
            for result in results:
                self._record_alone(result, now)
        finally:
            db.session.close()

    def _record_alone(self, result: Result, now: datetime) -> None:
        try:
            record_results([result], now=now)
        except Exception as error:
            # The row still says "sending": its lease runs out, and the provider is asked.
            log.exception("due work failed", extra={"kind": SEND, "item": result.prepared.claim.message_id})
            note_failure(SEND, result.prepared.claim.message_id, error, now=now)

    def _set_aside(self, claim: Claim, error: Exception, now: datetime) -> None:
        log.error("due work failed", exc_info=error, extra={"kind": SEND, "item": claim.message_id})
        retry_at = note_failure(SEND, claim.message_id, error, now=now)
        put_back(claim, send_at=retry_at, cause="it failed, to be tried again", now=now)


class _Moment:
    """Says what time it is in a batch: when it has gone on for long, by the time that has passed.

    A slow provider must not make time stand still; hours for texts and starts of sessions are
    looked at by it.
    """

    def __init__(self, now: datetime, started: float) -> None:
        self.now = now
        self.started = started

    def __call__(self) -> datetime:
        spent = timedelta(seconds=monotonic() - self.started)
        return self.now + spent if spent >= LONG_BATCH else self.now


def _wait_until(started: float, turn: timedelta) -> None:
    """Wait until a text's turn at the rate that all workers share."""
    left = turn.total_seconds() - (monotonic() - started)
    if left > 0:
        sleep(left)
