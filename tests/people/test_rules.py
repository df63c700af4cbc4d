"""Names as they are compared, and ages."""

from datetime import date

import pytest

from programme_tracker.people.rules import age_on, folded, is_under_16, reference_for


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("  José   Ångström ", "jose angstrom"),
        ("Łukasz", "lukasz"),
        ("SØREN", "soren"),
        ("O'Brien", "o'brien"),
    ],
)
def test_folded_name_is_found_however_it_is_typed(name: str, expected: str) -> None:
    assert folded(name) == expected


def test_age_turns_on_the_birthday() -> None:
    born_on = date(2010, 9, 8)
    assert [age_on(born_on, date(2026, 9, day)) for day in (7, 8)] == [15, 16]
    assert [is_under_16(born_on, date(2026, 9, day)) for day in (7, 8)] == [True, False]


def test_leap_day_birthday_counts_from_the_first_of_march() -> None:
    assert [age_on(date(2012, 2, 29), day) for day in (date(2028, 2, 28), date(2028, 2, 29))] == [15, 16]
    assert [age_on(date(2012, 2, 29), day) for day in (date(2029, 2, 28), date(2029, 3, 1))] == [16, 17]


def test_reference_tells_nothing_but_a_number() -> None:
    assert reference_for(42) == "P000042"
