"""Names as they are compared and searched: pure functions."""

import unicodedata
from datetime import date


def folded(name: str) -> str:
    """Return a name in lower case, without accents and with single spaces, for finding it."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l").replace("ø", "o"))
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
