import time
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from programme_tracker.kernel.clock import DemoClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction

DAY = timedelta(days=1)


def behind(clock: DemoClock) -> timedelta:
    """Return how far the machine's clock is behind."""
    return clock.now() - datetime.now(UTC)


def test_demo_clock_that_nobody_moved_is_the_machines(app: Flask) -> None:
    with app.app_context():
        assert abs(behind(DemoClock())) < timedelta(seconds=1)


def test_demo_clock_moved_goes_on_from_there_in_every_process(app: Flask) -> None:
    with app.app_context():
        here, elsewhere = DemoClock(), DemoClock()
        here.set(datetime.now(UTC) + 3 * DAY)
        assert abs(behind(here) - 3 * DAY) < timedelta(seconds=1)
        assert abs(behind(elsewhere) - 3 * DAY) < timedelta(seconds=1)


def test_demo_clock_never_goes_back(app: Flask) -> None:
    with app.app_context():
        clock = DemoClock()
        clock.set(datetime.now(UTC) + 3 * DAY)
        clock.set(datetime.now(UTC) + DAY)
        assert behind(clock) > 2 * DAY


def test_demo_clock_looks_at_the_database_at_most_once_a_second(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: seconds)
    with app.app_context():
        here, elsewhere = DemoClock(), DemoClock()
        assert behind(here) < DAY
        elsewhere.set(datetime.now(UTC) + 3 * DAY)
        assert behind(here) < DAY
        seconds = 101.5
        assert behind(here) > 2 * DAY


def test_demo_clock_asked_inside_a_transaction_does_not_wait_for_itself(app: Flask) -> None:
    with app.app_context():
        clock = DemoClock()
        with transaction():
            assert abs(behind(clock)) < timedelta(seconds=1)


def test_demo_clock_without_a_database_is_the_machines(app: Flask) -> None:
    with app.app_context():
        db.drop_all()
        assert abs(behind(DemoClock())) < timedelta(seconds=1)
