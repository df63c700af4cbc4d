"""What a member of staff may text back, and how it counts. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass

from programme_tracker.messaging.texts import BANNED_WORDS, gsm7_segments, is_gsm7, problems_of

#: The version noted on a text that was written by hand.
BY_HAND = 0


@dataclass(frozen=True)
class Measured:
    """A wording before it goes: its length on the air, and why it must not go, in sentences."""

    body: str
    characters: int
    segments: int
    is_gsm7: bool
    problems: tuple[str, ...]


def measured(body: str, banned: Iterable[str] = BANNED_WORDS) -> Measured:
    """Count a text and look at its words (product.md §5)."""
    return Measured(body, len(body), gsm7_segments(body), is_gsm7(body), tuple(problems_of(body, banned)))
