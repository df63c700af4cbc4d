"""Moving a clock on: whatever falls due on the way happens, each thing at its own moment."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from programme_tracker.jobs.dispatch import CHUNK, Dispatch
from programme_tracker.jobs.due import next_due_at, run_due
from programme_tracker.kernel.clock import MovableClock
from programme_tracker.messaging.providers import Provider

log = logging.getLogger(__name__)

#: Nobody rehearses further ahead in one step, and a slip of the year must not run for an hour.
FURTHEST = timedelta(days=400)

#: Rounds of due work in one step, one or a few for each moment at which something happens.
MOST_ROUNDS = 4000


@dataclass(frozen=True)
class Moved:
    """How far a clock was moved, and whether that is as far as it was asked to go."""

    from_at: datetime
    to_at: datetime
    is_complete: bool


def advance(
    clock: MovableClock, until: datetime, provider: Provider, *, most_rounds: int = MOST_ROUNDS
) -> Moved:
    """Move a clock on to ``until``, doing what falls due on the way at its own moment.

    Stops early, with ``is_complete`` false, after ``most_rounds`` of due work. It never goes
    back. Raises ValueError for an ``until`` that is past or more than 400 days ahead.
    """
    from_at = clock.now()
    if not from_at <= until <= from_at + FURTHEST:
        raise ValueError(f"the clock moves on, and at most {FURTHEST.days} days at once")
    # The clock stands still meanwhile, so what is due at one moment is looked at together.
    dispatch = Dispatch(provider, ahead=CHUNK)
    left_undone = None
    for _ in range(most_rounds):
        due_at = next_due_at(clock.now())
        if due_at is None or due_at > until:
            break
        if due_at == left_undone:
            log.warning("due work was left undone", extra={"moment": due_at.isoformat()})
            break
        moment = clock.now()
        if due_at > moment:
            clock.set(due_at)
            moment = due_at
        left_undone = None if run_due(provider, now=moment, worker="timeline", dispatch=dispatch) else due_at
    else:
        return Moved(from_at, clock.now(), is_complete=False)
    clock.set(until)
    return Moved(from_at, until, is_complete=True)
