"""Telephone numbers as people write them."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from programme_tracker.messaging.numbers import NumberKind, display, normalise


def example(region: str, kind: int) -> str:
    """Return the library's own example, so that nobody's number stands here."""
    number = phonenumbers.example_number_for_type(region, kind)
    assert number is not None
    return str(phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL))


@pytest.mark.parametrize(
    "text",
    [
        "07700 900101",
        "07700900101",
        "+447700900101",
        "+44 7700 900101",
        "0044 7700 900101",
        "+44 (0)7700 900101",
        "447700900101",
        " 07700-900-101 ",
    ],
)
def test_one_number_is_one_however_it_is_written(text: str) -> None:
    assert normalise(text, allow_drama=True).e164 == "+447700900101"


@pytest.mark.parametrize("text", ["07700 900000", "07700 900999"])
def test_drama_number_is_a_mobile_only_where_allowed(text: str) -> None:
    assert normalise(text, allow_drama=True).is_textable
    refused = normalise(text, allow_drama=False)
    assert not refused.is_textable
    assert refused.reason


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (example("GB", PhoneNumberType.MOBILE), NumberKind.MOBILE),
        (example("GG", PhoneNumberType.MOBILE), NumberKind.MOBILE),
        (example("IE", PhoneNumberType.MOBILE), NumberKind.MOBILE),
        (example("GB", PhoneNumberType.FIXED_LINE), NumberKind.LANDLINE),
        (example("GB", PhoneNumberType.PAGER), NumberKind.PAGER),
        (example("GB", PhoneNumberType.PERSONAL_NUMBER), NumberKind.PERSONAL),
        ("0800 001066", NumberKind.OTHER),
        ("+1 202 555 0147", NumberKind.OTHER),
        ("07701 900", NumberKind.OTHER),
        ("999", NumberKind.OTHER),
        ("01632 960001", NumberKind.OTHER),
        ("not known", NumberKind.OTHER),
        ("07700 900101 (mum)", NumberKind.OTHER),
        ("07700900101 07700900102", NumberKind.OTHER),
        ("", NumberKind.OTHER),
    ],
)
def test_only_a_mobile_may_get_a_text(text: str, kind: NumberKind) -> None:
    number = normalise(text, allow_drama=True)
    assert number.kind is kind
    assert number.is_textable is (kind is NumberKind.MOBILE)
    assert bool(number.reason) is not number.is_textable


@given(st.text())
def test_anything_can_be_typed(text: str) -> None:
    number = normalise(text, allow_drama=True)
    assert number.is_textable or number.reason


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+447700900101", "07700 900101"),
        ("+441632960001", "01632 960001"),
        ("+353851234567", "+353 85 123 4567"),
        ("nonsense", "nonsense"),
    ],
)
def test_number_is_shown_as_people_read_it(e164: str, shown: str) -> None:
    assert display(e164) == shown
