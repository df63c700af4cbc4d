"""What the next page says about the last deed."""

from dataclasses import dataclass
from typing import Any, Literal, cast

from flask import flash

Tone = Literal["success", "info", "warning", "danger"]


@dataclass(frozen=True)
class Undo:
    """A button beside what was said: what it takes back, and where it sends to."""

    words: str
    address: str


def say(happened: str, follows: str = "", tone: Tone = "success", undo: Undo | None = None) -> None:
    """Tell on the next page what happened and, on a line of its own, what follows.

    ``undo`` offers to take it back, where nothing has followed that others acted on.
    """
    said: Any = [happened, follows] if follows else happened
    if undo is not None:
        said = {"happened": happened, "follows": follows, "undo": [undo.words, undo.address]}
    # Flask's annotation says text, but what is flashed may be anything JSON holds.
    flash(cast(str, said), tone)
