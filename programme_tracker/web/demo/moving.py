"""Moving the demonstration's clock: where to, and what is said afterwards."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from time import monotonic
from typing import cast

from programme_tracker.jobs.console import report_deliveries
from programme_tracker.jobs.due import next_due_at
from programme_tracker.jobs.timeline import FURTHEST, Moved, advance
from programme_tracker.kernel import clock as clocks
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.clock import MovableClock, current_clock
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.messaging.providers import provider_for
from programme_tracker.web.demo.happened import happened_between

#: Rounds of due work between two looks at the time, and how long one request goes on, in seconds:
#: after that the page says how far it has come and goes on from there.
ROUNDS_AT_ONCE = 5
MOST_SECONDS = 2.0

MORNING = time(9)

#: The buttons of the clock's page.
BUTTONS = frozenset({"next", "hour", "morning"})


def tomorrow_morning(now: datetime) -> datetime:
    """Return 09:00 on the next London day."""
    return at_local(local_date(now) + timedelta(days=1), MORNING)


def goal_of(button: str, now: datetime) -> datetime | None:
    """Return where a button leads; None when nothing is planned to happen by itself."""
    if button == "hour":
        return now + timedelta(hours=1)
    return tomorrow_morning(now) if button == "morning" else next_due_at(now)


def move_on(until: datetime) -> Moved:
    """Move the application's clock on, doing what falls due on the way; it always moves a little."""
    standing = cast(MovableClock, current_clock())
    provider = provider_for(current_settings())
    from_at, started = clocks.now(), monotonic()
    while True:
        goal = max(until, clocks.now() + timedelta(seconds=1))
        moved = advance(standing, goal, provider, most_rounds=ROUNDS_AT_ONCE)
        if moved.is_complete or monotonic() - started >= MOST_SECONDS:
            report_deliveries(provider, now=clocks.now())
            return Moved(from_at, moved.to_at, moved.is_complete)


@dataclass(frozen=True)
class Journey:
    """A longer way of the clock: where it began, where it leads, how much of it is done, 0 to 100."""

    began_at: datetime
    until: datetime
    percent: int


def journey(began: str, until: str, now: datetime) -> Journey | None:
    """Return the way that two instants in ISO 8601 name; None when it is not one or is done."""
    start, end = instant(began), instant(until)
    if start is None or end is None or not start <= now < end <= now + FURTHEST:
        return None
    return Journey(start, end, int(100 * (now - start) / (end - start)))


def instant(text: str) -> datetime | None:
    """Read an instant written as ISO 8601; None where it is not one."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def happened_since(since: str, now: datetime) -> list[str]:
    """Return what happened since an instant written as ISO 8601; nothing where it is not one."""
    after = instant(since)
    return happened_between(after, now) if after is not None else []
