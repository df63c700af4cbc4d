"""What the next page says about the last deed."""

from typing import Any, Literal, cast

from flask import flash

Tone = Literal["success", "info", "warning", "danger"]


def say(happened: str, follows: str = "", tone: Tone = "success") -> None:
    """Tell on the next page what happened and, on a line of its own, what follows."""
    said: Any = [happened, follows] if follows else happened
    # Flask's annotation says text, but what is flashed may be anything JSON holds.
    flash(cast(str, said), tone)
