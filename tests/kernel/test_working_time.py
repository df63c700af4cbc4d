"""London time and working time, also against a second statement that counts minute by minute."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from programme_tracker.kernel.working_time import (
    WorkingCalendar,
    at_local,
    from_local,
    is_english_bank_holiday,
    local_date,
    to_local,
)

CALENDAR = WorkingCalendar()
MINUTE = timedelta(minutes=1)
#: Holds both clock changes, Easter, Christmas and the substitute days of two years.
instants = st.datetimes(
    datetime.fromisoformat("2026-03-01 00:00"),
    datetime.fromisoformat("2028-01-10 00:00"),
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(second=0, microsecond=0))
near_holidays = st.sampled_from(
    ["2026-04-02", "2026-12-24", "2027-12-24", "2026-10-23", "2027-03-26"]
).flatmap(
    lambda day: st.integers(0, 4 * 24 * 60).map(lambda minutes: london(f"{day} 12:00") + minutes * MINUTE)
)


def london(text: str) -> datetime:
    """Return the instant of a London wall time as it is written."""
    return from_local(datetime.fromisoformat(text))


def counts(moment: datetime) -> bool:
    """Tell whether the minute that begins now is working time."""
    local = to_local(moment)
    ordinary = local.weekday() not in (5, 6) and not is_english_bank_holiday(local.date())
    return ordinary and time(9) <= local.time() < time(17)


def counted_minute_by_minute(start: datetime, minutes: int) -> datetime:
    """Return the end of so many working minutes, by counting each."""
    while minutes:
        minutes -= counts(start)
        start += MINUTE
    return start


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2026-10-22 18:30", "2026-10-22T17:30Z"),
        ("2026-10-29 18:30", "2026-10-29T18:30Z"),
        ("2027-04-01 18:30", "2027-04-01T17:30Z"),
        ("2026-10-25 01:30", "2026-10-25T00:30Z"),
        ("2027-03-28 01:30", "2027-03-28T01:30Z"),
        ("2027-03-28 00:59", "2027-03-28T00:59Z"),
        ("2027-03-28 02:00", "2027-03-28T01:00Z"),
    ],
)
def test_wall_time_becomes_an_instant(wall: str, instant: str) -> None:
    assert london(wall) == datetime.fromisoformat(instant)
    assert london(wall).tzinfo is UTC


@given(instants)
def test_instant_and_wall_time_agree_but_in_the_hour_that_comes_twice(moment: datetime) -> None:
    local = to_local(moment)
    back = from_local(local.replace(tzinfo=None))
    assert back == moment if local.fold == 0 else back == moment - timedelta(hours=1)
    assert local_date(moment) == local.date()


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-07-01T22:59Z", "2026-07-01"),
        ("2026-07-01T23:00Z", "2026-07-02"),
        ("2026-12-01T23:59Z", "2026-12-01"),
    ],
)
def test_local_date_around_midnight(instant: str, day: str) -> None:
    assert local_date(datetime.fromisoformat(instant)) == date.fromisoformat(day)


def test_at_local_keeps_the_hour_in_summer_and_winter() -> None:
    assert at_local(date(2026, 7, 1), time(9)) == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert at_local(date(2026, 12, 1), time(9)) == datetime(2026, 12, 1, 9, tzinfo=UTC)


def test_bank_holidays_of_england_with_their_substitutes() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(730)]
    found = [f"{day:%Y-%m-%d}" for day in days if is_english_bank_holiday(day) and day.weekday() < 5]
    assert found == [
        *("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31"),
        *("2026-12-25", "2026-12-28"),
        *("2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30"),
        *("2027-12-27", "2027-12-28"),
    ]


@pytest.mark.parametrize("day", ["2026-01-02", "2026-03-17", "2026-07-13", "2026-11-30"])
def test_bank_holidays_of_the_other_nations_are_working_days(day: str) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-10-10", "2026-10-12"),
        ("2026-12-24", "2026-12-29"),
        ("2026-04-02", "2026-04-07"),
        ("2026-12-28", "2026-12-29"),
        ("2026-09-21", "2026-09-22"),
    ],
)
def test_next_working_day_over_weekends_and_bank_holidays(day: str, following: str) -> None:
    assert CALENDAR.next_working_day(date.fromisoformat(day)) == date.fromisoformat(following)


@given(st.dates(date(2026, 1, 1), date(2028, 1, 1)), st.integers(0, 40))
def test_working_days_are_those_on_the_wall_calendar(day: date, count: int) -> None:
    after = [day + timedelta(days=n) for n in range(1, 120)]
    working = [d for d in after if d.weekday() not in (5, 6) and not is_english_bank_holiday(d)]
    assert CALENDAR.add_working_days(day, count) == [day, *working][count]


@pytest.mark.parametrize(
    ("recorded", "deadline"),
    [
        ("2026-10-10 15:10", "2026-10-12 17:00"),
        ("2026-12-24 20:40", "2026-12-29 17:00"),
        ("2026-09-21 10:00", "2026-09-22 17:00"),
        ("2026-09-21 00:10", "2026-09-22 17:00"),
        ("2026-10-23 20:40", "2026-10-26 17:00"),
        ("2027-03-25 20:40", "2027-03-30 17:00"),
    ],
)
def test_deadline_is_five_o_clock_on_the_next_working_day(recorded: str, deadline: str) -> None:
    assert CALENDAR.end_of_next_working_day(london(recorded)) == london(deadline)


@pytest.mark.parametrize(
    ("start", "hours", "ends"),
    [
        ("2026-09-12 15:10", 4, "2026-09-14 13:00"),
        ("2026-12-24 20:40", 4, "2026-12-29 13:00"),
        ("2026-09-14 09:00", 8, "2026-09-14 17:00"),
        ("2026-09-14 09:00", 8.5, "2026-09-15 09:30"),
        ("2026-09-14 15:30", 4, "2026-09-15 11:30"),
        ("2026-09-14 17:00", 1, "2026-09-15 10:00"),
        ("2026-09-14 03:00", 1, "2026-09-14 10:00"),
        ("2026-10-23 16:00", 2, "2026-10-26 10:00"),
        ("2026-09-14 10:00", 0, "2026-09-14 10:00"),
    ],
)
def test_working_hours_count_only_office_time(start: str, hours: float, ends: str) -> None:
    assert CALENDAR.add_working_hours(london(start), hours) == london(ends)


@example(london("2026-12-24 16:59"), 2)
@example(london("2026-10-23 16:59"), 481)
@given(instants | near_holidays, st.integers(1, 1200))
def test_working_hours_agree_with_counting_each_minute(start: datetime, minutes: int) -> None:
    assert CALENDAR.add_working_hours(start, minutes / 60) == pytest.approx(
        counted_minute_by_minute(start, minutes), abs=timedelta(milliseconds=1)
    )


@given(near_holidays, st.integers(1, 600))
def test_working_hours_do_not_depend_on_the_zone_they_are_asked_in(start: datetime, minutes: int) -> None:
    in_london = CALENDAR.add_working_hours(to_local(start), minutes / 60)
    assert in_london == CALENDAR.add_working_hours(start, minutes / 60)


def test_calendar_with_bank_holidays_of_its_own() -> None:
    strike = date(2026, 9, 15)
    calendar = WorkingCalendar(is_bank_holiday=lambda day: day == strike)
    assert calendar.next_working_day(date(2026, 9, 14)) == date(2026, 9, 16)
