"""The letter and colour of every outcome in an attendance matrix, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from programme_tracker.attendance.rules import Outcome
from programme_tracker.web.registers.wording import OUTCOME_WORDS


@dataclass(frozen=True)
class Letter:
    """One cell's letter; ``tone`` is a chip's (good, wait, bad, info, plain), ``words`` are read aloud."""

    letter: str
    tone: str
    words: str


def _of(letter: str, tone: str, outcome: Outcome) -> Letter:
    return Letter(letter, tone, OUTCOME_WORDS[outcome])


#: No two letters are alike, so that the matrix reads without its colours.
LETTERS: Mapping[Outcome, Letter] = MappingProxyType(
    {
        Outcome.ATTENDED: _of("A", "good", Outcome.ATTENDED),
        Outcome.ATTENDED_LATE: _of("L", "good", Outcome.ATTENDED_LATE),
        Outcome.LEFT_EARLY: _of("E", "wait", Outcome.LEFT_EARLY),
        Outcome.ABSENT: _of("X", "bad", Outcome.ABSENT),
        Outcome.ABSENT_UNACCEPTABLE: _of("U", "bad", Outcome.ABSENT_UNACCEPTABLE),
        Outcome.REFUSED_LATE: _of("R", "bad", Outcome.REFUSED_LATE),
        Outcome.SENT_HOME: _of("H", "bad", Outcome.SENT_HOME),
        Outcome.ABSENT_ACCEPTABLE: _of("K", "wait", Outcome.ABSENT_ACCEPTABLE),
        Outcome.EXCUSED_PROVIDER: _of("C", "plain", Outcome.EXCUSED_PROVIDER),
        Outcome.EXCUSED_SUSPENDED: _of("S", "plain", Outcome.EXCUSED_SUSPENDED),
    }
)

BOOKED = Letter("·", "info", "Booked")
NOT_SUBMITTED = Letter("?", "wait", "Register not submitted")
NOT_THERE = Letter("–", "none", "Not booked")

#: What stands under the matrix, in this order.
LEGEND = (*LETTERS.values(), NOT_SUBMITTED, BOOKED, NOT_THERE)
