"""Where everything stands in the picture of a case: its steps along a line, and today between them.

Pure geometry in the picture's own units (about CSS pixels at its natural size). Steps of one moment
share a stop, which carries their numbers in the list below; a long case runs over several rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from programme_tracker.kernel.working_time import local_date
from programme_tracker.web.cases.steps import State, Step
from programme_tracker.web.presentation import day_words, time_words

#: Stops in a row, and the picture's width: on a wide page, and on a phone.
WIDE = (6, 720)
NARROW = (3, 340)

ROW = 92
TOP = 40
#: The gravest state of a stop's steps gives its colour.
GRAVEST: tuple[State, ...] = ("late", "now", "held", "next", "done", "cancelled")


@dataclass(frozen=True)
class Stop:
    """One moment on the line: ``numbers`` are those of its steps, ``lines`` the day and the hour."""

    x: float
    y: float
    numbers: str
    state: State
    lines: tuple[str, str]
    #: Half its width: the numbers have room in it.
    half: float
    #: Where the line from the stop before begins; None at the start of a row.
    comes_from: float | None


@dataclass(frozen=True)
class CasePicture:
    """Everything that the template draws."""

    width: int
    height: int
    stops: tuple[Stop, ...]
    #: Where the present lies: before the first stop that is still to come.
    now: tuple[float, float] | None


def draw_case(steps: Sequence[Step], now: datetime, size: tuple[int, int]) -> CasePicture | None:
    """Place the steps, which are in order of time; None where there are too few for a line."""
    per_row, width = size
    moments = [(at, list(found)) for at, found in groupby(enumerate(steps, 1), key=lambda one: one[1].at)]
    if len(moments) < 2:
        return None
    stops = tuple(_stops(moments, now, per_row, width))
    rows = (len(stops) - 1) // per_row + 1
    ahead = next((place for place, (at, _) in enumerate(moments) if at is None or at > now), None)
    between = _before(stops[ahead], width / per_row) if ahead is not None else None
    return CasePicture(width, TOP + rows * ROW, stops, between)


def _before(stop: Stop, step: float) -> tuple[float, float]:
    return stop.x - step / 2, stop.y


def _stops(
    moments: Sequence[tuple[datetime | None, list[tuple[int, Step]]]], now: datetime, per_row: int, width: int
) -> Iterator[Stop]:
    room = width / per_row
    for place, (at, found) in enumerate(moments):
        row, column = divmod(place, per_row)
        x = room * (column + 0.5)
        states = {step.state for _, step in found}
        yield Stop(
            x=x,
            y=TOP + row * ROW,
            numbers=_numbers([number for number, _ in found]),
            state=next(state for state in GRAVEST if state in states),
            lines=_when(at, now),
            half=max(18, 4.5 * len(_numbers([number for number, _ in found])) + 8),
            comes_from=x - room if column else None,
        )


def _numbers(numbers: Sequence[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"


def _when(at: datetime | None, now: datetime) -> tuple[str, str]:
    if at is None:
        return "no time", "set"
    return day_words(at, local_date(now)), time_words(at)
