"""Telephone numbers as people write them, and which of them may get a text. Pure functions."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

REGION = "GB"

#: Ofcom keeps these for drama: they ring nowhere and phonenumbers calls them invalid.
_DRAMA = range(447700900000, 447700901000)


class NumberKind(StrEnum):
    """What kind of line a number is."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    PAGER = "pager"
    PERSONAL = "personal"
    OTHER = "other"


@dataclass(frozen=True)
class PhoneNumber:
    """A number as it was understood.

    ``e164`` is empty when it was not understood at all. ``reason`` is a sentence for the person
    who typed it, saying why no text may go there; empty when one may.
    """

    e164: str
    kind: NumberKind
    is_possible: bool
    reason: str = ""

    @property
    def is_textable(self) -> bool:
        """Tell whether a text may go to this number: a mobile, and a possible one."""
        return self.is_possible and self.kind is NumberKind.MOBILE


_KINDS = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.LANDLINE,
    PhoneNumberType.PAGER: NumberKind.PAGER,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
}

_INSTEAD = "Enter a mobile, or leave it empty and add a call task."

_REASONS = {
    NumberKind.MOBILE: "",
    NumberKind.LANDLINE: "This is a landline, which may read a text aloud. " + _INSTEAD,
    NumberKind.PAGER: "This is a pager. " + _INSTEAD,
    NumberKind.PERSONAL: "This is a personal number that forwards calls. " + _INSTEAD,
    NumberKind.OTHER: "This is not a mobile number. Enter a mobile number, like 07700 900101.",
}

_NOT_A_NUMBER = PhoneNumber("", NumberKind.OTHER, False, "Enter a mobile number, like 07700 900101.")


# The same numbers get texts week after week, and each is looked at again before each text.
@lru_cache(maxsize=8192)
def normalise(text: str, *, allow_drama: bool) -> PhoneNumber:
    """Understand a number written in any usual way; without a country it is British.

    ``allow_drama`` lets Ofcom's numbers for drama, 07700 900000 to 900999, count as mobiles: for
    demonstrations and tests. Never raises.
    """
    # Letters would be read as keypad digits: "07700 900101 (mum)" must not become another number.
    if any(character.isalpha() for character in text):
        return _NOT_A_NUMBER
    try:
        parsed = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return _NOT_A_NUMBER
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    if not phonenumbers.is_possible_number(parsed):
        return PhoneNumber(e164, NumberKind.OTHER, False, "This number has too few or too many digits.")
    kind = _kind(parsed, e164, allow_drama)
    return PhoneNumber(e164, kind, True, _REASONS[kind])


def _kind(parsed: phonenumbers.PhoneNumber, e164: str, allow_drama: bool) -> NumberKind:
    if int(e164[1:]) in _DRAMA:
        return NumberKind.MOBILE if allow_drama else NumberKind.OTHER
    return _KINDS.get(phonenumbers.number_type(parsed), NumberKind.OTHER)


def display(e164: str) -> str:
    """Write a stored number as people read it: "07700 900101", or "+353 85 123 4567" from abroad."""
    try:
        parsed = phonenumbers.parse(e164, REGION)
    except phonenumbers.NumberParseException:
        return e164
    british = parsed.country_code == phonenumbers.country_code_for_region(REGION)
    style = PhoneNumberFormat.NATIONAL if british else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)
