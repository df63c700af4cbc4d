"""What a member of staff may text back: neutral wordings, and how any wording counts. Pure functions."""

from dataclasses import dataclass

from programme_tracker.messaging.texts import gsm7_segments, is_gsm7, problems_of

#: The version noted on a text that was written by hand.
BY_HAND = 0

#: Neutral answers with their placeholder; whoever reads them over a shoulder learns nothing.
NEUTRAL_ANSWERS: tuple[str, ...] = (
    "Thank you for your text. We will ring you today. Queries {callback}.",
    "Thank you for your text. Please ring us on {callback}.",
    "Thank you, that is noted. Queries {callback}.",
    "We tried to ring you. Please ring us back on {callback}.",
)


@dataclass(frozen=True)
class Measured:
    """A wording before it goes: its length on the air, and why it must not go, in sentences."""

    body: str
    characters: int
    segments: int
    is_gsm7: bool
    problems: tuple[str, ...]


def neutral_answers(callback: str) -> list[str]:
    """Return the neutral answers with the number to ring."""
    return [text.format(callback=callback) for text in NEUTRAL_ANSWERS]


def measured(body: str) -> Measured:
    """Count a text and look at its words (product.md §5)."""
    return Measured(body, len(body), gsm7_segments(body), is_gsm7(body), tuple(problems_of(body)))
