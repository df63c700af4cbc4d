"""Moving the demonstration's clock: where to, and what is said afterwards."""

from datetime import UTC, datetime, time, timedelta
from typing import cast

from programme_tracker.jobs.due import next_due_at
from programme_tracker.jobs.timeline import Moved, advance
from programme_tracker.kernel import clock as clocks
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.clock import MovableClock, current_clock
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.messaging.providers import provider_for
from programme_tracker.web.demo.happened import happened_between

#: Rounds of due work in one request: more, and a person waits too long.
MOST_ROUNDS = 500

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
    until = max(until, clocks.now() + timedelta(seconds=1))
    return advance(standing, until, provider, most_rounds=MOST_ROUNDS)


def follows(moved: Moved) -> str:
    """Say where what happened on the way is to be read, or why the clock stopped early."""
    if not moved.is_complete:
        return "So much happened on the way that the clock stopped here. Move it again to go on."
    return "What happened meanwhile stands below."


def happened_since(since: str, now: datetime) -> list[str]:
    """Return what happened since an instant written as ISO 8601; nothing where it is not one."""
    try:
        return happened_between(datetime.fromisoformat(since).astimezone(UTC), now)
    except ValueError:
        return []
