"""Which template counts for whom: pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from programme_tracker.messaging.rules import MessageKind

ENGLISH_CODE = "en"

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where a template stands: its kind, its programme ("" for all), its language, an answer's name."""

    kind: MessageKind
    programme_code: str = ""
    language: str = ENGLISH_CODE
    name: str = ""

    @property
    def is_needed(self) -> bool:
        """Tell whether every other wording of its kind falls back on this one."""
        return self.language == ENGLISH_CODE and not self.programme_code and not self.name


def chain(place: Place) -> list[Place]:
    """Return where a text's wording is looked for, the best fit first.

    The programme's in the language, everybody's in the language, then the same in English.
    """
    wanted = [
        Place(place.kind, programme_code, language, place.name)
        for language in (place.language, ENGLISH_CODE)
        for programme_code in (place.programme_code, "")
    ]
    return list(dict.fromkeys(wanted))


def best(place: Place, present: Mapping[Place, T]) -> tuple[Place, T] | None:
    """Return the template that counts for a place among those that there are."""
    return next(((one, present[one]) for one in chain(place) if one in present), None)
