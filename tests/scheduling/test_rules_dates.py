"""The dates of sessions: weekly series, moves, clashes, register deadlines, transfers."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.kernel.working_time import WorkingCalendar, from_local, is_english_bank_holiday
from programme_tracker.scheduling.rules import (
    moved_starts,
    overlaps,
    owed_topics,
    register_due_at,
    transfer_gap_is_neutral,
    weekly_starts,
)

#: A naive London wall time as it is written.
wall = datetime.fromisoformat
walls = st.datetimes(wall("2025-01-01 00:00"), wall("2030-01-01 00:00")).map(
    lambda start: start.replace(minute=0, second=0, microsecond=0)
)


def no_holiday(_day: date) -> bool:
    """Treat every day as an ordinary one."""
    return False


def test_weekly_starts_keep_their_hour_across_the_clock_change() -> None:
    starts = weekly_starts(wall("2026-10-22 18:30"), 2, is_english_bank_holiday)
    assert [f"{from_local(start):%d %b %H:%MZ}" for start in starts] == ["22 Oct 17:30Z", "29 Oct 18:30Z"]


def test_weekly_starts_skip_the_boxing_day_substitute() -> None:
    starts = weekly_starts(wall("2026-11-16 18:30"), 20, is_english_bank_holiday)
    assert len(starts) == 20
    assert starts[5] == wall("2026-12-21 18:30")
    assert starts[6] == wall("2027-01-04 18:30")


def test_weekly_starts_when_the_first_day_is_a_bank_holiday() -> None:
    assert weekly_starts(wall("2026-12-25 10:00"), 1, lambda day: day == date(2026, 12, 25)) == [
        wall("2027-01-01 10:00")
    ]


@given(walls, st.integers(0, 30))
def test_weekly_starts_are_as_many_as_asked_for_and_weekly(first: datetime, count: int) -> None:
    starts = weekly_starts(first, count, is_english_bank_holiday)
    assert len(starts) == count
    assert {(start.weekday(), start.time()) for start in starts} <= {(first.weekday(), first.time())}
    assert not any(is_english_bank_holiday(start.date()) for start in starts)
    every_week = [first + timedelta(weeks=week) for week in range(count + 20)]
    assert starts == [start for start in every_week if not is_english_bank_holiday(start.date())][:count]


MONDAYS = [wall("2026-11-16 18:30") + timedelta(weeks=week) for week in range(4)]


def test_moved_starts_of_one_session_leaves_the_others() -> None:
    moved = moved_starts(MONDAYS, 1, wall("2026-11-26 19:00"), False, no_holiday)
    assert moved == [MONDAYS[0], wall("2026-11-26 19:00"), *MONDAYS[2:]]


def test_moved_starts_shifts_later_ones_and_never_earlier_ones() -> None:
    moved = moved_starts(MONDAYS, 1, wall("2026-11-26 19:00"), True, no_holiday)
    assert moved == [
        MONDAYS[0],
        wall("2026-11-26 19:00"),
        wall("2026-12-03 19:00"),
        wall("2026-12-10 19:00"),
    ]


def test_moved_starts_goes_around_a_bank_holiday_and_keeps_one_session_a_week() -> None:
    thursdays = [wall("2026-12-10 18:30") + timedelta(weeks=week) for week in range(4)]
    moved = moved_starts(thursdays, 0, wall("2026-12-11 18:30"), True, is_english_bank_holiday)
    assert [start.date() for start in moved] == [
        date(2026, 12, 11),
        date(2026, 12, 18),
        date(2027, 1, 8),
        date(2027, 1, 15),
    ]


@given(
    first=walls,
    index=st.integers(0, 9),
    shift=st.integers(-240, 240),
    later_too=st.booleans(),
)
def test_moved_starts_stay_in_order_and_off_bank_holidays(
    first: datetime, index: int, shift: int, later_too: bool
) -> None:
    starts = weekly_starts(first, 10, is_english_bank_holiday)
    new_wall = starts[index] + timedelta(hours=shift)
    moved = moved_starts(starts, index, new_wall, later_too, is_english_bank_holiday)
    assert moved[:index] == starts[:index]
    assert moved[index] == new_wall
    later = moved[index + 1 :]
    if not later_too:
        assert later == starts[index + 1 :]
        return
    assert moved[index:] == sorted(set(moved[index:]))
    assert {(start.weekday(), start.time()) for start in later} <= {(new_wall.weekday(), new_wall.time())}
    assert not any(is_english_bank_holiday(start.date()) for start in later)


@pytest.mark.parametrize(
    ("b_starts", "clashes"),
    [("10:59", True), ("11:00", False), ("09:00", False), ("09:01", True), ("10:10", True)],
)
def test_overlaps_when_sessions_touch(b_starts: str, clashes: bool) -> None:
    a = from_local(wall("2026-11-28 10:00"))
    b = from_local(datetime.fromisoformat(f"2026-11-28 {b_starts}"))
    assert overlaps(a, 60, b, 60) is clashes
    assert overlaps(b, 60, a, 60) is clashes


def test_overlaps_of_a_workshop_and_a_one_to_one_on_the_same_day() -> None:
    workshop, meeting = wall("2026-11-28 10:00"), wall("2026-11-28 14:00")
    assert overlaps(from_local(workshop), 300, from_local(meeting), 60)


@pytest.mark.parametrize(
    ("ends", "due"),
    [
        ("2026-09-10 20:30", "2026-09-11 12:00"),
        ("2026-09-12 15:00", "2026-09-14 12:00"),
        ("2026-12-24 20:30", "2026-12-29 12:00"),
        ("2026-10-23 20:30", "2026-10-26 12:00"),
    ],
)
def test_register_is_due_at_noon_of_the_next_working_day(ends: str, due: str) -> None:
    assert register_due_at(from_local(datetime.fromisoformat(ends)), WorkingCalendar()) == from_local(
        datetime.fromisoformat(due)
    )


def test_owed_topics_after_a_transfer() -> None:
    assert owed_topics(range(1, 21), set(range(1, 9)), 10) == [9]
    assert owed_topics(range(1, 21), set(), 1) == []


@pytest.mark.parametrize(("days", "neutral"), [(0, True), (14, True), (15, False)])
def test_transfer_gap_of_a_fortnight_is_neutral(days: int, neutral: bool) -> None:
    last_on = date(2026, 11, 2)
    assert transfer_gap_is_neutral(last_on, last_on + timedelta(days=days)) is neutral
