from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.accounts.codes import (
    RECOVERY_CODES,
    app_address,
    code_at,
    is_app_code,
    matching_step,
    new_recovery_codes,
    new_secret,
    typed_code,
)
from tests.factories.accounts import SECRET

NOW = datetime(2026, 9, 1, 8, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


def test_code_is_the_one_rfc_6238_gives() -> None:
    # Appendix B: the seed "12345678901234567890" in base32, at 59 seconds, eight digits 94287082.
    assert code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", datetime.fromtimestamp(59, UTC)) == "287082"


@pytest.mark.parametrize(("away", "found"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_of_the_step_beside_is_taken_and_no_further(away: int, found: bool) -> None:
    code = code_at(SECRET, NOW + timedelta(seconds=30 * away))
    assert matching_step(SECRET, code, now=NOW, last_step=0) == (STEP + away if found else None)


def test_code_used_before_never_counts_again() -> None:
    assert matching_step(SECRET, code_at(SECRET, NOW), now=NOW, last_step=STEP) is None
    earlier = code_at(SECRET, NOW - timedelta(seconds=30))
    assert matching_step(SECRET, earlier, now=NOW, last_step=STEP) is None
    assert matching_step(SECRET, code_at(SECRET, NOW), now=NOW, last_step=STEP - 1) == STEP


@given(st.text(max_size=12))
def test_strange_text_is_no_code(text: str) -> None:
    if text not in {code_at(SECRET, NOW + timedelta(seconds=30 * away)) for away in (-1, 0, 1)}:
        assert matching_step(SECRET, text, now=NOW, last_step=0) is None


@pytest.mark.parametrize(
    ("typed", "is_apps"), [("123 456", True), ("123456", True), ("١٢٣٤٥٦", False), ("abcd-efgh-jkmn", False)]
)
def test_typed_code_forgives_spaces_and_tells_kinds_apart(typed: str, is_apps: bool) -> None:
    assert is_app_code(typed_code(typed)) is is_apps


def test_recovery_codes_differ_and_are_long_enough() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES
    assert {len(typed_code(code)) for code in codes} == {12}


def test_secret_is_fresh_and_its_address_names_product_and_person() -> None:
    assert new_secret() != new_secret()
    address = app_address(SECRET, "seán.łoś")
    assert address.startswith("otpauth://totp/Programme%20Tracker:")
    assert f"secret={SECRET}" in address
