"""Handing claimed texts over: several at a time, each step for many at once.

The thread that calls this does all work on the database; the pool only calls the provider.
"""

import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic, sleep

from programme_tracker.jobs.failures import note_failure
from programme_tracker.jobs.lines import NOTED_WITHIN, Lines
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import Provider
from programme_tracker.messaging.services import Claim, put_back
from programme_tracker.workflows.sending import Prepared, Result, attempt, prepare, record_results

log = logging.getLogger(__name__)

#: The name of the kind of due work that texts are.
SEND = "send"

#: From when on a batch of texts goes by the time that has passed since it was claimed.
LONG_BATCH = timedelta(seconds=30)

#: Texts that share one transaction where the provider answers at once.
CHUNK = 50


class Dispatch:
    """Hands texts over to one provider with so many connections at a time.

    With ``threads`` of 1 texts go one after another, each looked at just before it goes, or
    ``ahead`` of them at once where the provider answers at once. ``close`` it after use.
    """

    def __init__(self, provider: Provider, *, threads: int = 1, ahead: int = 1) -> None:
        self.provider = provider
        self.threads = threads
        self.ahead = ahead
        self._lines = Lines(provider, threads) if threads > 1 else None

    def close(self) -> None:
        """Let the threads end."""
        if self._lines is not None:
            self._lines.close()

    def at_once(self, limit: int) -> int:
        """Return how many texts to claim: what leaves in a second or two, ``limit`` until that is known."""
        return (self._lines and self._lines.at_once) or limit

    def send(
        self,
        claims: Sequence[Claim],
        *,
        now: datetime,
        turns: Sequence[timedelta] | None = None,
        go_on: bool = False,
    ) -> None:
        """Send claimed texts; ``now`` is when they were claimed, ``turns`` the wait before each.

        With ``go_on`` it returns while the last are on their way, so that more are claimed meanwhile
        and no connection stands idle: call it again, or ``finish``. A text that fails for our own
        fault is set aside, tried again later, and holds up no other.
        """
        started = monotonic()
        waits = deque(turns or [timedelta(0)] * len(claims))
        queue = deque(claims)
        moment = _Moment(now, started)
        if self._lines is None:
            self._send_in_turn(queue, waits, moment)
        else:
            self._send_together(self._lines, queue, waits, moment, go_on=go_on)

    def finish(self, *, now: datetime) -> None:
        """Wait for what is on its way, and note how it ended."""
        self.send([], now=now)

    def _send_in_turn(self, queue: deque[Claim], waits: deque[timedelta], moment: "_Moment") -> None:
        while queue:
            some = self._next(queue, waits, moment.started, self.ahead)
            noted = monotonic()
            prepared = self._prepared(some, moment())
            results = [attempt(one, self.provider, noted=noted) for one in prepared]
            if results:
                self._record(results, moment())

    def _send_together(
        self,
        lines: Lines,
        queue: deque[Claim],
        waits: deque[timedelta],
        moment: "_Moment",
        *,
        go_on: bool,
    ) -> None:
        while queue or lines.flying:
            low = lines.together // 2
            if go_on and not queue and lines.waiting <= low:
                return
            left = _left(moment.started, waits[0]) if queue else 0.0
            if queue and lines.waiting <= low and (left <= 0 or not lines.flying):
                some = self._next(queue, waits, moment.started, lines.together)
                noted = monotonic()
                lines.hand_over(self._prepared(some, moment()), noted=noted)
            if not lines.flying:
                continue
            # Enough to note together, and not so much that the lines run dry meanwhile.
            wanted = min(lines.together, lines.flying - (low if queue or go_on else 0))
            ended = lines.ended(wanted, within=left if left > 0 else NOTED_WITHIN)
            if ended:
                self._record(ended, moment())

    def _next(self, queue: deque[Claim], waits: deque[timedelta], started: float, most: int) -> list[Claim]:
        """Return the texts that are prepared next: those whose turn has come, at least one."""
        _wait_until(started, waits[0])
        gone = timedelta(seconds=monotonic() - started)
        some: list[Claim] = []
        while queue and len(some) < most and (not some or waits[0] <= gone):
            waits.popleft()
            some.append(queue.popleft())
        return some

    def _prepared(self, claims: list[Claim], now: datetime) -> list[Prepared]:
        """Prepare texts together; when that breaks one by one, so that only the broken one waits."""
        try:
            return prepare(claims, now=now)
        except Exception as error:
            if len(claims) > 1:
                return [one for claim in claims for one in self._prepared([claim], now)]
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


def _left(started: float, turn: timedelta) -> float:
    """Return the seconds until a text's turn at the rate that all workers share."""
    return turn.total_seconds() - (monotonic() - started)


def _wait_until(started: float, turn: timedelta) -> None:
    """Wait until a text's turn."""
    left = _left(started, turn)
    if left > 0:
        sleep(left)
