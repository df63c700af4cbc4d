from datetime import date, time

import pytest

from programme_tracker.web.fields import read_clock_time
from tests.web.forms import OFFICERS, drawn, sent


def test_form_with_good_answers_is_accepted() -> None:
    with sent() as form:
        assert form.validate(), form.errors
        assert form.expires_on.data == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("day", "month", "year", "says", "wrong"),
    [
        ("", "", "", "Enter the date the caution expires, for example 31 12 2026", {"day", "month", "year"}),
        ("31", "", "", "Add the month and the year to the date the caution expires", {"month", "year"}),
        ("31", "11", "2026", "Check the day of the date the caution expires", {"day"}),
        ("31", "13", "2026", "Write the month of the date the caution expires", {"month"}),
        ("31", "12", "26", "Write the year of the date the caution expires with four figures", {"year"}),
        ("x", "12", "2026", "Check the day", {"day"}),
    ],
)
def test_date_that_cannot_be_read_says_what_to_do(
    day: str, month: str, year: str, says: str, wrong: set[str]
) -> None:
    with sent(expires_on__day=day, expires_on__month=month, expires_on__year=year) as form:
        assert not form.validate()
        assert form.expires_on.errors[0].startswith(says)
        assert {part.name for part in form.expires_on.parts if part.wrong} == wrong
        assert [part.value for part in form.expires_on.parts] == [day, month, year]


def test_date_with_a_month_in_words_is_read() -> None:
    with sent(expires_on__month="December") as form:
        assert form.validate()
        assert form.expires_on.data == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("typed", "near", "meant"),
    [
        ("18:44", None, time(18, 44)),
        ("6.44pm", None, time(18, 44)),
        ("6:44 PM", None, time(18, 44)),
        ("6.44 p.m.", None, time(18, 44)),
        ("1844", None, time(18, 44)),
        ("844", None, time(8, 44)),
        ("6pm", None, time(18)),
        ("12am", None, time(0)),
        ("12pm", None, time(12)),
        ("midday", None, time(12)),
        ("6.44", time(18, 30), time(18, 44)),
        ("10.05", time(10), time(10, 5)),
        ("06:44", time(18, 30), time(6, 44)),
        ("11:00", time(18), time(11)),
        ("10:15", time(18, 30), time(10, 15)),
        ("6.44", None, time(6, 44)),
        ("25:00", None, None),
        ("18:75", None, None),
        ("13pm", None, None),
        ("soon", None, None),
        ("", None, None),
    ],
)
def test_clock_time_as_people_type_it(typed: str, near: time | None, meant: time | None) -> None:
    assert read_clock_time(typed, near) == meant


def test_clock_time_that_is_none_is_asked_for_again() -> None:
    with sent(starts="soon") as form:
        assert not form.validate()
        assert form.starts.errors == ["Enter start time, for example 18:30 or 6.30pm"]


@pytest.mark.parametrize("typed", ["+44 7700 900101", "07700 900 101", "07700900101"])
def test_phone_number_in_any_grouping_is_kept_alike(typed: str) -> None:
    with sent(mobile=typed) as form:
        assert form.validate()
        assert form.mobile.data == "+447700900101"


def test_phone_number_too_short_is_questioned() -> None:
    with sent(mobile="0770") as form:
        assert not form.validate()
        assert "Check it" in form.mobile.errors[0]


@pytest.mark.parametrize("typed", ["samira", "Samira Łukasz-O'Neill, Northtown", "O'NEILL", "1"])
def test_searchable_choice_by_part_or_whole(typed: str) -> None:
    with sent(officer=typed) as form:
        assert form.validate(), form.errors
        assert form.officer.data == "1"


def test_searchable_choice_that_fits_several_asks_for_more() -> None:
    with sent(officer="sam") as form:
        assert not form.validate()
        assert form.officer.errors == ["2 choices hold “sam”: write more of it"]


def test_searchable_choice_that_fits_none_asks_again() -> None:
    with sent(officer="nobody") as form:
        assert not form.validate()
        assert form.officer.errors == ["Choose officer from the list"]


def test_searchable_choices_set_late_are_searched_again() -> None:
    with sent(officer="kim") as form:
        form.officer.set_choices([*OFFICERS, ("3", "Kim Example, Westport")])
        assert form.validate()
        assert form.officer.data == "3"


def test_choice_left_out_is_asked_for() -> None:
    with sent(dash="") as form:
        assert not form.validate()
        assert form.dash.errors == ["Choose DASH level"]


def test_choice_not_offered_is_refused() -> None:
    with sent(dash="enormous", venue="9") as form:
        assert not form.validate()
        assert form.dash.errors == ["Choose DASH level"]
        assert form.venue.errors == ["Choose venue"]


def test_choice_that_may_stay_empty_is_nothing() -> None:
    with sent(venue="") as form:
        assert form.validate()
        assert form.venue.data is None


def test_whole_number_out_of_range_says_the_range() -> None:
    with sent(places="13") as form:
        assert not form.validate()
        assert form.places.errors == ["Places must be a whole number from 1 to 12"]


def test_text_longer_than_allowed_is_refused() -> None:
    with sent(name="x" * 61) as form:
        assert not form.validate()
        assert form.name.errors == ["Full name must be 60 characters or fewer"]


def test_text_of_spaces_counts_as_empty() -> None:
    with sent(name="   ") as form:
        assert not form.validate()
        assert form.name.errors == ["Enter full name"]


def test_form_about_another_person_is_noticed() -> None:
    with sent(about="17") as form:
        assert form.is_about(17)
        assert not form.is_about(18)


def test_refusal_stands_beside_its_field() -> None:
    with sent() as form:
        form.validate()
        form.refuse("Part A must come first", "starts")
        form.refuse("Sign-off is not granted")
        assert form.starts.errors == ["Part A must come first"]
        assert form.form_errors == ["Sign-off is not granted"]
        page = drawn(
            '{% from "components/fields.html" import error_summary %}{{ error_summary(form) }}', form=form
        )
        assert "Part A must come first" in page
        assert "Sign-off is not granted" in page
