"""Where everything stands in the picture of a caution: a bar from issue to expiry.

Pure geometry in the picture's own units (about CSS pixels at its natural size). The limits
(issued, last days, expiry) are flags above the bar; what is booked and today hang below it.
Flags never overlap each other, nor does the pole of one cross the words of another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import product

CHARACTER = 8.4
PADDING = 6
GAP = 8
ROW = 44
BAR = 14


@dataclass(frozen=True)
class Mark:
    """One date to be shown: its words, and a kind that chooses its colour."""

    kind: str
    title: str
    words: str
    on: date


@dataclass(frozen=True)
class Flag:
    """A mark with its place: the pole at ``x``, its words to one side of it in a row."""

    mark: Mark
    x: float
    row: int
    points_right: bool

    @property
    def width(self) -> float:
        """Return the room that the words need."""
        return CHARACTER * max(len(self.mark.title), len(self.mark.words)) + PADDING

    @property
    def left(self) -> float:
        """Return where the words begin."""
        return self.x + PADDING if self.points_right else self.x - self.width

    @property
    def right(self) -> float:
        """Return where the words end."""
        return self.x + self.width if self.points_right else self.x - PADDING


@dataclass(frozen=True)
class Picture:
    """Everything that the template draws, top to bottom."""

    width: int
    height: float
    bar_top: float
    left: float
    right: float
    today_x: float | None
    above: tuple[Flag, ...]
    below: tuple[Flag, ...]


def draw_caution(
    issued_on: date,
    expires_on: date,
    today: date,
    limits: Sequence[tuple[str, str, str, date]],
    events: Sequence[tuple[str, str, str, date]],
    width: int = 720,
) -> Picture:
    """Place the marks of a caution on a bar ``width`` wide.

    ``limits`` (above) and ``events`` (below) are (kind, title, words, date). Dates outside
    the caution stand at its ends.
    """
    return _draw(issued_on, expires_on, today, tuple(limits), tuple(events), width)


@lru_cache(maxsize=256)
def _draw(
    issued_on: date,
    expires_on: date,
    today: date,
    limits: tuple[tuple[str, str, str, date], ...],
    events: tuple[tuple[str, str, str, date], ...],
    width: int,
) -> Picture:
    left, right = 8.0, width - 8.0
    span = max((expires_on - issued_on).days, 1)

    def x(on: date) -> float:
        share = min(max((on - issued_on).days / span, 0), 1)
        return round(left + share * (right - left), 1)

    above = place_flags([(Mark(*limit), x(limit[3])) for limit in limits], width)
    below = place_flags([(Mark(*event), x(event[3])) for event in events], width)
    bar_top = ROW * rows(above) + PADDING
    height = bar_top + BAR + PADDING + ROW * rows(below)
    return Picture(width, height, bar_top, left, right, x(today), above, below)


def rows(flags: Sequence[Flag]) -> int:
    """Return how many rows the flags need."""
    return max((flag.row + 1 for flag in flags), default=0)


def place_flags(marks: Sequence[tuple[Mark, float]], width: float) -> tuple[Flag, ...]:
    """Give every mark a row and a side so that nothing overlaps, in as few rows as can be.

    Row 0 is next to the bar.
    """
    for count in range(1, len(marks) + 1):
        if flags := _place(marks, width, count, ()):
            return flags
    return tuple(Flag(mark, x, row, x < width / 2) for row, (mark, x) in enumerate(marks))


def _place(
    marks: Sequence[tuple[Mark, float]], width: float, count: int, placed: tuple[Flag, ...]
) -> tuple[Flag, ...]:
    """Place the remaining marks in ``count`` rows, or return nothing when they do not fit."""
    if len(placed) == len(marks):
        return placed
    mark, x = marks[len(placed)]
    for row, right in product(range(count), (True, False)):
        flag = Flag(mark, x, row, right)
        if not _inside(flag, width) or any(_touch(flag, other) for other in placed):
            continue
        if flags := _place(marks, width, count, (*placed, flag)):
            return flags
    return ()


def _inside(flag: Flag, width: float) -> bool:
    return flag.left >= 0 and flag.right <= width


def _touch(one: Flag, other: Flag) -> bool:
    return _collide(one, other) or _collide(other, one)


def _collide(one: Flag, other: Flag) -> bool:
    """Tell whether two flags' words touch, or the pole of ``other`` crosses the words of ``one``."""
    if one.row == other.row and one.left < other.right + GAP and other.left < one.right + GAP:
        return True
    return other.row > one.row and one.left - 2 < other.x < one.right + 2
