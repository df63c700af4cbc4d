"""Settings that every process shares, and the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from programme_tracker.kernel import clock as kernel_clock
from programme_tracker.kernel.clock import SettableClock, SystemClock, set_clock
from programme_tracker.kernel.settings import read_setting, write_setting
from programme_tracker.kernel.transaction import transaction
from programme_tracker.kernel.working_time import LONDON
from tests.bare import NOON, bare_app
from tests.stores import Store


@pytest.fixture(autouse=True)
def bare(store: Store) -> Iterator[Flask]:
    with bare_app(store.url) as app:
        yield app


@pytest.mark.each_store
def test_setting_is_its_default_until_it_is_written(store: Store) -> None:
    assert read_setting("held", "no") == "no"
    for value in ("yes", "perhaps"):
        with transaction():
            write_setting("held", value, now=NOON)
        assert read_setting("held", "no") == value


def test_settable_clock_stands_until_it_is_moved(bare: Flask) -> None:
    clock = SettableClock(datetime(2026, 7, 1, 9, tzinfo=LONDON))
    set_clock(bare, clock)
    assert kernel_clock.now() == datetime(2026, 7, 1, 8, tzinfo=UTC)
    clock.advance(timedelta(hours=1))
    assert kernel_clock.now() == datetime(2026, 7, 1, 9, tzinfo=UTC)
    clock.set(NOON.astimezone(LONDON))
    assert kernel_clock.now() == NOON
    assert kernel_clock.now().tzinfo is UTC


def test_system_clock_tells_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
