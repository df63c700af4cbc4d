"""Names as they are compared and searched: pure functions."""

import unicodedata
from dataclasses import dataclass
from datetime import date

#: Letters that no decomposition takes apart.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"}
)


def folded(name: str) -> str:
    """Return a name in lower case, without accents and with single spaces, for finding it."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def age_on(born_on: date, day: date) -> int:
    """Return the age in whole years on a London date."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def is_under_16(born_on: date, day: date) -> bool:
    """Tell whether texts go to a guardian on this date (product.md §5)."""
    return age_on(born_on, day) < 16


def reference_for(number: int) -> str:
    """Return the neutral reference of the ``number``-th participant: it tells nothing about them."""
    return f"P{number:06d}"


@dataclass(frozen=True)
class Keeping:
    """How long people are kept: years after the end, an age, and years after a referral not taken."""

    adult_years: int
    youth_until_age: int
    rejected_years: int


def kept_until(ended_on: date, born_on: date, keeping: Keeping, *, was_taken: bool) -> date:
    """Return the London date from which somebody may be erased (domain.md §8).

    So many years after an adult's time here ended; at a birthday for who was under 18 then; sooner
    after a referral that was never taken. A 29 February becomes 1 March.
    """
    if not was_taken:
        return _years_later(ended_on, keeping.rejected_years)
    if age_on(born_on, ended_on) < 18:
        return _years_later(born_on, keeping.youth_until_age)
    return _years_later(ended_on, keeping.adult_years)


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def names_in(words: str, name: str) -> bool:
    """Tell whether words name somebody: any part of their name of three letters or more."""
    said = set(_letters(words).split())
    return any(len(part) >= 3 and part in said for part in _letters(name).split())


def _letters(text: str) -> str:
    return "".join(c if c.isalnum() else " " for c in folded(text))


def initials_of(name: str) -> str:
    """Return the first letters of the first and the last name, "S.O."; of a single name its own."""
    words = name.split()
    ends = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(f"{word[0].upper()}." for word in ends)
