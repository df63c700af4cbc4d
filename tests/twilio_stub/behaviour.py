"""How the stub answers one call that would create a text."""

from dataclasses import dataclass
from enum import StrEnum


class Misstep(StrEnum):
    """What goes wrong on the way back."""

    NONE = "none"
    DROP = "drop"
    HANG = "hang"
    SERVER_FAULT = "server_fault"
    GARBAGE = "garbage"
    NO_ID = "no_id"


@dataclass(frozen=True)
class Behaviour:
    """Take the text or not, then answer, or fail to.

    With ``code`` the text is refused under that code, with ``status`` as the answer's. ``seconds``
    is how long the answer takes.
    """

    takes: bool = True
    misstep: Misstep = Misstep.NONE
    code: int = 0
    status: int = 400
    seconds: float = 0.0

    @classmethod
    def refuse(cls, code: int, status: int = 400) -> "Behaviour":
        """Refuse the text under a code."""
        return cls(takes=False, code=code, status=status)
