"""The caution clock: which days parts A and B may have."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.kernel.errors import Code
from programme_tracker.scheduling.rules import (
    PartRules,
    last_day_for_part_a,
    last_day_for_part_b,
    pair_fails_on,
    pair_fits,
    part_a_refusal,
    part_b_refusal,
    part_b_warning,
    part_b_window,
)

RULES = PartRules()
EXPIRES = date(2027, 1, 1)
days = st.dates(date(2026, 6, 1), date(2027, 6, 1))
part_rules = st.builds(PartRules, gap_min_days=st.integers(0, 60), gap_max_days=st.integers(0, 90))


def test_last_days_before_a_caution_expires() -> None:
    assert last_day_for_part_a(EXPIRES, RULES) == date(2026, 12, 4)
    assert last_day_for_part_b(EXPIRES) == EXPIRES


@pytest.mark.parametrize(
    ("day", "refusal"), [(date(2026, 12, 4), None), (date(2026, 12, 5), Code.AFTER_CAUTION_EXPIRES)]
)
def test_part_a_on_its_last_day_and_the_day_after(day: date, refusal: Code | None) -> None:
    assert part_a_refusal(day, EXPIRES, RULES) == refusal


@pytest.mark.parametrize(
    ("day", "part_a_on", "refusal"),
    [
        (date(2026, 10, 10), None, Code.PART_A_FIRST),
        (date(2026, 9, 11), date(2026, 9, 12), Code.PART_A_FIRST),
        (date(2026, 9, 12), date(2026, 9, 12), Code.TOO_SOON_AFTER_PART_A),
        (date(2026, 10, 9), date(2026, 9, 12), Code.TOO_SOON_AFTER_PART_A),
        (date(2026, 10, 10), date(2026, 9, 12), None),
        (date(2027, 1, 1), date(2026, 12, 4), None),
        (date(2027, 1, 9), date(2026, 12, 12), Code.AFTER_CAUTION_EXPIRES),
        (date(2027, 1, 2), date(2026, 12, 12), Code.AFTER_CAUTION_EXPIRES),
    ],
)
def test_part_b_on_a_day(day: date, part_a_on: date | None, refusal: Code | None) -> None:
    assert part_b_refusal(day, part_a_on, EXPIRES, RULES) == refusal


def test_part_b_after_five_weeks_is_a_warning() -> None:
    part_a_on = date(2026, 9, 12)
    assert part_b_warning(part_a_on + timedelta(days=35), part_a_on, RULES) is None
    warning = part_b_warning(part_a_on + timedelta(days=36), part_a_on, RULES)
    assert warning == "Part B would be 36 days after part A. It should be at most 35."


def test_part_b_window_when_part_a_left_room_and_when_not() -> None:
    assert part_b_window(date(2026, 12, 4), EXPIRES, RULES) == (EXPIRES, EXPIRES)
    assert part_b_window(date(2026, 12, 12), EXPIRES, RULES) is None


def test_pair_fails_the_day_after_the_last_day_for_part_a() -> None:
    assert pair_fits(date(2026, 12, 4), None, EXPIRES, RULES)
    assert pair_fails_on(None, EXPIRES, RULES) == date(2026, 12, 5)


def test_pair_fails_at_once_when_part_a_left_no_room() -> None:
    assert pair_fails_on(date(2026, 12, 12), EXPIRES, RULES) == date(2026, 12, 12)


def test_both_parts_repeated_still_fit_a_long_caution() -> None:
    expires_on = date(2026, 12, 14)
    assert part_a_refusal(date(2026, 10, 17), expires_on, RULES) is None
    assert part_b_refusal(date(2026, 11, 14), date(2026, 10, 17), expires_on, RULES) is None


@given(days, st.none() | days, days, part_rules)
def test_pair_fits_exactly_until_it_fails(
    today: date, part_a_on: date | None, expires_on: date, rules: PartRules
) -> None:
    if part_a_on is not None:
        today = max(today, part_a_on)
    fails_on = pair_fails_on(part_a_on, expires_on, rules)
    assert pair_fits(today, part_a_on, expires_on, rules) is (today < fails_on)


@given(days, days, days, part_rules)
def test_part_b_is_allowed_exactly_inside_its_window(
    day: date, part_a_on: date, expires_on: date, rules: PartRules
) -> None:
    window = part_b_window(part_a_on, expires_on, rules)
    allowed = window is not None and window[0] <= day <= window[1]
    assert (part_b_refusal(day, part_a_on, expires_on, rules) is None) is allowed


@given(days, days, part_rules)
def test_part_a_is_allowed_exactly_when_some_day_for_part_b_is_left(
    day: date, expires_on: date, rules: PartRules
) -> None:
    possible = any(
        part_b_refusal(day + timedelta(days=gap), day, expires_on, rules) is None for gap in range(400)
    )
    assert (part_a_refusal(day, expires_on, rules) is None) is possible
