"""The clock: the only place that asks what time it is."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from programme_tracker.kernel.database import db
from programme_tracker.kernel.settings import StoredSetting, read_setting, write_setting
from programme_tracker.kernel.transaction import is_writing, transaction

#: The stored setting that holds how far a demonstration's time has been moved on, in seconds.
DEMO_CLOCK_OFFSET = "demo_clock_offset"

#: How long a process goes by the offset it has read before it looks again, in seconds.
OFFSET_KEEPS = 1.0


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime:
        """Return the present instant."""
        ...


class MovableClock(Clock, Protocol):
    """A clock that can be moved on."""

    def set(self, moment: datetime) -> None:
        """Stand at ``moment``, or go on from it."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's present instant."""
        return datetime.now(UTC)


class SettableClock:
    """A clock that stands until it is moved: for rehearsals and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant it was last set to."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Stand at ``moment`` from now on."""
        self._now = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move on by ``by``."""
        self._now += by


class DemoClock:
    """The machine's clock, moved on by as much as the database says: for demonstrations.

    Every process of one installation tells the same time within a second. It never goes back.
    """

    def __init__(self) -> None:
        self._offset = timedelta(0)
        self._read_at: float | None = None

    def now(self) -> datetime:
        """Return the machine's present instant and the offset together; needs the application's context."""
        if self._read_at is None or time.monotonic() - self._read_at > OFFSET_KEEPS:
            self._refresh()
        return datetime.now(UTC) + self._offset

    def set(self, moment: datetime) -> None:
        """Go on from ``moment``; an earlier one than the present changes nothing."""
        with transaction():
            wanted = moment - datetime.now(UTC)
            offset = max(wanted, _seconds(read_setting(DEMO_CLOCK_OFFSET)))
            write_setting(DEMO_CLOCK_OFFSET, repr(offset.total_seconds()), now=datetime.now(UTC))
        self._offset, self._read_at = offset, time.monotonic()

    def _refresh(self) -> None:
        """Look at the offset again, on a connection of its own: the caller's session stays as it is.

        Inside a write transaction the one known will do, since another connection would wait for it.
        """
        if is_writing():
            return
        stored = select(StoredSetting.value).where(StoredSetting.key == DEMO_CLOCK_OFFSET)
        try:
            with db.engine.connect() as connection:
                self._offset = _seconds(connection.scalar(stored))
        except SQLAlchemyError:
            # Whoever needs the database says so; telling the time does not.
            pass
        self._read_at = time.monotonic()


def _seconds(stored: str | None) -> timedelta:
    return timedelta(seconds=float(stored or 0))


def set_clock(app: Flask, clock: Clock) -> None:
    """Give the application its clock."""
    app.extensions["programme_tracker.clock"] = clock


def current_clock() -> Clock:
    """Return the current application's clock."""
    return cast(Clock, current_app.extensions["programme_tracker.clock"])


def now() -> datetime:
    """Return the present instant by the current application's clock."""
    return current_clock().now()
