from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.accounts.rules import (
    LONGEST_WAIT,
    leave_covers,
    may_hold,
    normal_username,
    password_fault,
    wait_after,
)
from programme_tracker.kernel.actor import Role


def test_may_hold_any_one_role() -> None:
    assert all(may_hold(role, None) for role in Role)


def test_may_hold_only_facilitator_and_caseworker_together() -> None:
    pairs = {(one, other) for one in Role for other in Role if may_hold(one, other)}
    assert pairs == {(Role.FACILITATOR, Role.CASEWORKER), (Role.CASEWORKER, Role.FACILITATOR)}


def test_normal_username_in_any_case_and_spaces() -> None:
    assert normal_username("  Sam.Example ") == "sam.example"


@pytest.mark.parametrize(
    ("failed", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (11, 1920), (12, 3600), (10**6, 3600)]
)
def test_wait_after_failed_attempts_grows_to_an_hour(failed: int, seconds: int) -> None:
    assert wait_after(failed) == timedelta(seconds=seconds)


@given(st.integers(min_value=0, max_value=10**9))
def test_wait_after_never_shrinks_nor_passes_its_limit(failed: int) -> None:
    assert wait_after(failed) <= wait_after(failed + 1) <= LONGEST_WAIT


@pytest.mark.parametrize(
    "password",
    ["short", "a" * 11, "aaaaaaaaaaaaaa", "password12345", "my name is sam ok", "x y" * 100],
)
def test_password_fault_when_it_will_not_do(password: str) -> None:
    assert password_fault(password, "sam")


@pytest.mark.parametrize("password", ["three unrelated words", "Łódź' OR 1=1 --", "grün kettle ōcean"])
def test_password_fault_none_for_any_characters(password: str) -> None:
    assert password_fault(password, "sam") is None


def test_leave_covers_both_ends() -> None:
    first, last = date(2026, 8, 3), date(2026, 8, 14)
    covered = [day for day in range(1, 17) if leave_covers(first, last, date(2026, 8, day))]
    assert covered == list(range(3, 15))
