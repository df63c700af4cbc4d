"""The clock: the only place that asks what time it is."""

from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from flask import Flask, current_app


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime:
        """Return the present instant."""
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


def set_clock(app: Flask, clock: Clock) -> None:
    """Give the application its clock."""
    app.extensions["programme_tracker.clock"] = clock


def current_clock() -> Clock:
    """Return the current application's clock."""
    return cast(Clock, current_app.extensions["programme_tracker.clock"])


def now() -> datetime:
    """Return the present instant by the current application's clock."""
    return current_clock().now()
