from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.kernel.working_time import at_local
from programme_tracker.web import presentation as shown

TODAY = date(2026, 11, 26)
NOW = at_local(TODAY, time(15))


def test_day_of_this_year_leaves_the_year_out() -> None:
    assert shown.day_words(date(2026, 11, 26), TODAY) == "Thu 26 Nov"


def test_day_of_another_year_says_the_year() -> None:
    assert shown.day_words(date(2027, 1, 2), TODAY) == "Sat 2 Jan 2027"


def test_day_of_an_instant_is_the_london_day() -> None:
    assert shown.day_words(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), TODAY) == "Wed 1 Jul"


@pytest.mark.parametrize(
    ("clock_time", "words"),
    [
        (time(18, 30), "6.30pm"),
        (time(17), "5pm"),
        (time(9, 5), "9.05am"),
        (time(12), "midday"),
        (time(0), "midnight"),
        (time(12, 15), "12.15pm"),
        (time(0, 15), "12.15am"),
    ],
)
def test_time_words_are_british(clock_time: time, words: str) -> None:
    assert shown.time_words(clock_time) == words


def test_moment_in_summer_is_london_time() -> None:
    assert shown.moment_words(datetime(2026, 7, 2, 17, 30, tzinfo=UTC), NOW) == "Thu 2 Jul, 6.30pm"


def test_nothing_set_is_said_so() -> None:
    assert shown.day_words(None, TODAY) == shown.moment_words(None, NOW) == "not set"


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (at_local(TODAY, time(17)), "due today 5pm, 2 h left"),
        (at_local(TODAY, time(15, 25)), "due today 3.25pm, 25 min left"),
        (at_local(TODAY, time(16, 15)), "due today 4.15pm, 1 h 15 min left"),
        (at_local(date(2026, 11, 27), time(9)), "due tomorrow 9am, 18 h left"),
        (at_local(date(2026, 11, 30), time(17)), "due Mon 30 Nov, 5pm, 4 days left"),
        (at_local(TODAY, time(14)), "1 h late"),
        (at_local(date(2026, 11, 23), time(15)), "3 days late"),
        (at_local(date(2026, 11, 25), time(14)), "1 day late"),
        (NOW, "due now"),
        (date(2026, 11, 26), "due today"),
        (date(2026, 11, 27), "due tomorrow"),
        (date(2026, 12, 2), "due Wed 2 Dec, 6 days left"),
        (date(2026, 11, 25), "1 day late"),
        (None, "no deadline"),
    ],
)
def test_due_words_say_how_long_is_left(deadline: datetime | date | None, words: str) -> None:
    assert shown.due_words(deadline, NOW) == words


@given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
def test_due_words_and_urgency_agree_on_late(ahead: timedelta) -> None:
    late = "late" in shown.due_words(NOW + ahead, NOW)
    assert late == (shown.urgency(NOW + ahead, NOW) == "late")


def test_urgency_of_today_is_soon() -> None:
    assert shown.urgency(at_local(TODAY, time(17)), NOW) == "soon"
    assert shown.urgency(TODAY, NOW) == "soon"
    assert shown.urgency(date(2026, 11, 27), NOW) == "later"


def test_ago_words_name_the_largest_unit() -> None:
    assert shown.ago_words(NOW - timedelta(minutes=25), NOW) == "25 min ago"
    assert shown.ago_words(NOW - timedelta(days=3, hours=4), NOW) == "3 days ago"
    assert shown.ago_words(NOW, NOW) == "just now"


def test_days_from_today_in_both_directions() -> None:
    assert shown.days_from_today(date(2026, 12, 8), TODAY) == "in 12 days"
    assert shown.days_from_today(date(2026, 11, 25), TODAY) == "yesterday"
    assert shown.days_from_today(date(2026, 11, 27), TODAY) == "tomorrow"


def test_length_words_write_units_out() -> None:
    assert shown.length_words(300) == "5 hours"
    assert shown.length_words(timedelta(hours=1, minutes=1)) == "1 hour 1 minute"
    assert shown.length_words(0) == "0 minutes"


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ("+447700900101", "07700 900101"),
        ("+441632960001", "01632 960001"),
        ("07700900101", "07700 900101"),
        ("not a number", "not a number"),
        (None, "not set"),
    ],
)
def test_number_words_group_as_in_britain(stored: str | None, words: str) -> None:
    assert shown.number_words(stored) == words


def test_counted_says_one_and_many() -> None:
    assert shown.counted(1, "absence") == "one absence"
    assert shown.counted(0, "absence") == "no absences"
    assert shown.counted(12, "person", "people") == "12 people"


def test_words_of_a_stored_code() -> None:
    assert shown.words("absent_unacceptable") == "Absent unacceptable"
