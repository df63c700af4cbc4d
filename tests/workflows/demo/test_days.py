from datetime import UTC, date, datetime, timedelta

import pytest

from programme_tracker.kernel.working_time import is_english_bank_holiday, local_date
from programme_tracker.workflows.demo.days import DemoDays, demo_days

WORKSHOPS = (
    "first_a_on",
    "first_b_on",
    "second_a_on",
    "third_a_on",
    "third_b_on",
    "next_a_on",
    "next_b_on",
    "overdue_on",
    "reported_on",
    "missed_on",
    "open_on",
)


def workshops(days: DemoDays) -> list[date]:
    return [getattr(days, name) for name in WORKSHOPS]


@pytest.mark.parametrize("hour", [1, 12, 23])
def test_workshops_on_any_day_of_two_years_can_be_held(hour: int) -> None:
    for since in range(731):
        days = demo_days(datetime(2026, 1, 1, hour, tzinfo=UTC) + timedelta(days=since))
        held = workshops(days)
        assert len(set(held)) == len(held)
        assert not any(is_english_bank_holiday(day) for day in held)
        assert min(held) > local_date(days.now) - timedelta(days=70)


def test_parts_on_any_day_of_two_years_are_four_weeks_apart() -> None:
    for since in range(731):
        days = demo_days(datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=since))
        assert days.first_b_on - days.first_a_on >= timedelta(days=28)
        assert days.missed_on - days.second_a_on >= timedelta(days=28)
        assert days.third_b_on - days.third_a_on >= timedelta(days=28)
        assert days.next_b_on - days.next_a_on >= timedelta(days=28)
        assert days.overdue_on < days.reported_on < days.missed_on < days.open_on <= local_date(days.now)
        assert days.third_b_on > local_date(days.now) < days.next_a_on
