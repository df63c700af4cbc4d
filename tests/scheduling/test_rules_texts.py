"""When texts go: the window, announcements, changes, reminders."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.kernel.working_time import from_local, local_date, to_local
from programme_tracker.scheduling.rules import (
    ReminderPlan,
    TextWindow,
    announcement_at,
    change_announcement_at,
    inside,
    reminder_plans,
)

WINDOW = TextWindow()
FIRST_SESSION = (7, 3, 1)
#: Both clock changes of 2026 and 2027 lie within.
instants = st.datetimes(
    datetime.fromisoformat("2026-03-01 00:00"),
    datetime.fromisoformat("2027-11-30 00:00"),
    timezones=st.just(UTC),
)


def london(text: str) -> datetime:
    """Return the instant of a wall time written as in the timelines."""
    return from_local(datetime.fromisoformat(text))


def walls(plans: list[ReminderPlan]) -> list[str]:
    """Write the reminders as wall times."""
    return [f"{to_local(plan.send_at):%Y-%m-%d %H:%M}" for plan in plans]


@pytest.mark.parametrize(
    ("wall", "answer"),
    [("08:59:59", False), ("09:00:00", True), ("20:00:00", True), ("20:00:01", False), ("03:00:00", False)],
)
@pytest.mark.parametrize("day", ["2026-10-24", "2026-10-26", "2027-03-28"])
def test_inside_counts_both_ends_by_london_time(day: str, wall: str, answer: bool) -> None:
    assert inside(WINDOW, london(f"{day} {wall}")) is answer


@pytest.mark.parametrize(
    ("now", "starts", "goes"),
    [
        ("2026-11-02 09:30", "2026-11-06 14:00", "2026-11-02 09:30"),
        ("2026-11-02 21:00", "2026-11-06 14:00", "2026-11-03 09:00"),
        ("2026-11-02 06:00", "2026-11-06 14:00", "2026-11-02 09:00"),
        ("2026-11-02 21:00", "2026-11-03 09:59", "2026-11-02 21:00"),
        ("2026-11-02 21:00", "2026-11-03 10:00", "2026-11-03 09:00"),
        ("2026-11-02 07:00", "2026-11-02 08:00", "2026-11-02 07:00"),
        ("2026-11-02 20:30", "2026-11-02 21:00", "2026-11-02 20:30"),
        ("2026-10-24 21:00", "2026-10-26 14:00", "2026-10-25 09:00"),
        ("2027-03-27 21:00", "2027-03-29 14:00", "2027-03-28 09:00"),
    ],
)
def test_announcement_waits_for_nine_unless_the_session_is_early(now: str, starts: str, goes: str) -> None:
    assert announcement_at(london(now), london(starts), WINDOW) == london(goes)


@given(instants, st.integers(1, 60 * 24 * 20))
def test_announcement_is_at_once_or_at_the_next_opening(now: datetime, minutes: int) -> None:
    starts_at = now + timedelta(minutes=minutes)
    goes_at = announcement_at(now, starts_at, WINDOW)
    if goes_at != now:
        assert not inside(WINDOW, now)
        assert to_local(goes_at).time() == time(9)
        assert now < goes_at < now + timedelta(hours=14, minutes=1) + timedelta(hours=1)
        assert to_local(starts_at) >= to_local(goes_at).replace(hour=10)
    elif not inside(WINDOW, now):
        assert starts_at - now < timedelta(hours=16)


@pytest.mark.parametrize(
    ("decided", "starts", "goes"),
    [
        ("2026-11-05 11:00", "2026-11-05 18:30", "2026-11-05 11:15"),
        ("2026-11-18 15:00", "2026-11-19 14:00", "2026-11-18 15:15"),
        ("2026-11-05 16:29", "2026-11-05 18:30", "2026-11-05 16:44"),
        ("2026-11-05 16:30", "2026-11-05 18:30", "2026-11-05 16:30"),
        ("2026-11-05 18:00", "2026-11-05 18:30", "2026-11-05 18:00"),
        ("2026-11-05 19:45", "2026-11-06 18:30", "2026-11-05 20:00"),
        ("2026-11-05 19:50", "2026-11-06 18:30", "2026-11-06 09:00"),
        ("2026-11-05 08:50", "2026-11-05 18:30", "2026-11-05 09:05"),
        ("2026-11-05 07:45", "2026-11-05 09:30", "2026-11-05 07:45"),
    ],
)
def test_change_reaches_participants_after_victim_safety(decided: str, starts: str, goes: str) -> None:
    assert change_announcement_at(london(decided), london(starts), WINDOW) == london(goes)


def test_reminders_of_a_first_workshop() -> None:
    booked_at = london("2026-09-01 12:00")
    plans = reminder_plans(london("2026-09-12 10:00"), FIRST_SESSION, booked_at, booked_at, WINDOW)
    assert walls(plans) == ["2026-09-05 10:00", "2026-09-09 10:00", "2026-09-11 10:00"]
    assert [plan.offset_days for plan in plans] == [7, 3, 1]


@pytest.mark.parametrize(
    ("starts", "reminder"),
    [
        ("2026-10-22 18:30", "2026-10-21 10:00"),
        ("2026-10-25 10:00", "2026-10-24 10:00"),
        ("2026-10-29 18:30", "2026-10-28 10:00"),
        ("2027-03-28 10:00", "2027-03-27 10:00"),
        ("2027-01-04 18:30", "2027-01-03 10:00"),
    ],
)
def test_reminders_keep_ten_o_clock_across_clock_changes(starts: str, reminder: str) -> None:
    plans = reminder_plans(london(starts), (1,), london("2026-10-05 09:30"), None, WINDOW)
    assert walls(plans) == [reminder]


def test_reminder_whose_moment_passed_before_the_booking_is_not_sent_late() -> None:
    starts_at = london("2026-09-12 10:00")
    after = reminder_plans(starts_at, FIRST_SESSION, london("2026-09-05 10:01"), None, WINDOW)
    assert walls(after) == ["2026-09-09 10:00", "2026-09-11 10:00"]
    at_the_moment = reminder_plans(starts_at, FIRST_SESSION, london("2026-09-05 10:00"), None, WINDOW)
    assert len(at_the_moment) == 3


@pytest.mark.parametrize(
    ("booked", "announced", "kept"),
    [
        ("2026-11-04 21:00", "2026-11-05 09:00", 0),
        ("2026-11-04 22:00", "2026-11-04 22:00", 0),
        ("2026-11-04 20:00", "2026-11-04 20:00", 1),
        ("2026-11-05 09:50", "2026-11-05 10:05", 0),
    ],
)
def test_reminder_soon_after_the_news_of_the_session_is_dropped(
    booked: str, announced: str, kept: int
) -> None:
    plans = reminder_plans(london("2026-11-06 14:00"), (1,), london(booked), london(announced), WINDOW)
    assert len(plans) == kept


def test_reminder_after_a_move_is_planned_from_the_new_day() -> None:
    decided_at, announced_at = london("2026-11-18 15:00"), london("2026-11-18 15:15")
    plans = reminder_plans(london("2026-11-24 11:00"), (1,), decided_at, announced_at, WINDOW)
    assert walls(plans) == ["2026-11-23 10:00"]


@pytest.mark.parametrize(
    ("remind_at", "goes"),
    [
        (time(20), "2026-11-05 20:00"),
        (time(21), "2026-11-05 20:00"),
        (time(9), "2026-11-05 09:00"),
        (time(8), "2026-11-04 20:00"),
    ],
)
def test_reminder_outside_the_window_goes_at_the_last_moment_before(remind_at: time, goes: str) -> None:
    window = TextWindow(remind_at=remind_at)
    plans = reminder_plans(london("2026-11-06 14:00"), (1,), london("2026-11-01 12:00"), None, window)
    assert walls(plans) == [goes]


def test_reminder_not_before_the_start_is_dropped() -> None:
    booked_at = london("2026-11-01 12:00")
    assert reminder_plans(london("2026-11-06 10:00"), (0,), booked_at, None, WINDOW) == []
    assert len(reminder_plans(london("2026-11-06 10:01"), (0,), booked_at, None, WINDOW)) == 1


@given(
    starts_at=instants,
    offsets=st.lists(st.integers(0, 30), max_size=8),
    booked_before=st.integers(0, 60 * 24 * 40),
    announced_after=st.none() | st.integers(0, 60 * 24),
    remind_at=st.times().map(lambda wall: wall.replace(second=0, microsecond=0)),
)
def test_reminders_lie_in_the_window_between_booking_and_start(
    starts_at: datetime,
    offsets: list[int],
    booked_before: int,
    announced_after: int | None,
    remind_at: time,
) -> None:
    window = TextWindow(remind_at=remind_at)
    booked_at = starts_at - timedelta(minutes=booked_before)
    announced_at = None if announced_after is None else booked_at + timedelta(minutes=announced_after)
    plans = reminder_plans(starts_at, offsets, booked_at, announced_at, window)
    moments = [plan.send_at for plan in plans]
    assert moments == sorted(set(moments))
    for plan in plans:
        assert inside(window, plan.send_at)
        assert booked_at <= plan.send_at < starts_at
        assert plan.offset_days in offsets
        assert _days_before(plan, starts_at) in {plan.offset_days, plan.offset_days + 1}
        assert announced_at is None or plan.send_at - announced_at > timedelta(hours=12)


def _days_before(plan: ReminderPlan, starts_at: datetime) -> int:
    session_on: date = local_date(starts_at)
    return (session_on - local_date(plan.send_at)).days
