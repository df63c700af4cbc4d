"""Where everything stands on the board's picture: a bar for each caution, all on one time axis.

Pure geometry in the picture's own units (about CSS pixels at its natural size).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from programme_tracker.web.cautions.standing import OpenCaution

AXIS = 40
FOOT = 8
EDGE = 12
BAR = 12

#: Room that the word above today's line needs.
TODAY_WORD = 56

#: Months are named no closer than this.
MONTH_ROOM = 34


@dataclass(frozen=True)
class Size:
    """How wide a picture is, how much of it the names take, and how tall a row is.

    Without room for names beside the bars they stand above them.
    """

    name: str
    width: int
    names: int
    row: int
    letters: int


WIDE = Size("wide", 1100, 232, 44, 27)
NARROW = Size("narrow", 340, 0, 60, 34)


@dataclass(frozen=True)
class Dot:
    """One part on a bar: its letter, and how it stands."""

    x: float
    letter: str
    state: str


@dataclass(frozen=True)
class Bar:
    """One caution: from ``left`` (issued) to ``right`` (expiry); ``last_a`` is None once A is done."""

    name: str
    top: float
    left: float
    right: float
    last_a: float | None
    is_late: bool
    dots: Sequence[Dot]


@dataclass(frozen=True)
class Month:
    """The first day of a month on the axis; ``words`` is empty where there is no room."""

    x: float
    words: str


@dataclass(frozen=True)
class BoardPicture:
    """Everything that the template draws."""

    size: Size
    height: float
    bars: Sequence[Bar]
    months: Sequence[Month]
    today_x: float
    today_end: str


def draw_board(cautions: Sequence[OpenCaution], today: date, size: Size) -> BoardPicture:
    """Place every caution on one axis, from the earliest issue to the latest expiry, today within."""
    first = min([today, *(one.issued_on for one in cautions)]) - timedelta(days=3)
    last = max([today, *(one.expires_on for one in cautions)]) + timedelta(days=3)
    left, right = float(size.names + EDGE), float(size.width - EDGE)

    def x(on: date) -> float:
        share = min(max((on - first).days / (last - first).days, 0), 1)
        return round(left + share * (right - left), 1)

    def bar(number: int, one: OpenCaution) -> Bar:
        top = AXIS + number * size.row + (size.row - BAR) / 2 + (0 if size.names else 10)
        last_a = x(one.last_day_a) if one.next_part == "A" else None
        dots = [Dot(x(part.on), part.part, part.state) for part in one.parts]
        name = _short(one.name, size.letters)
        return Bar(name, top, x(one.issued_on), x(one.expires_on), last_a, not one.fits, dots)

    bars = [bar(number, one) for number, one in enumerate(cautions)]
    height = AXIS + size.row * len(bars) + FOOT
    today_x = x(today)
    end = "end" if today_x + TODAY_WORD > size.width else "start"
    return BoardPicture(size, height, bars, _months(first, last, x), today_x, end)


def _short(name: str, letters: int) -> str:
    """Return a name that fits; the table below has it whole."""
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"


def _months(first: date, last: date, x: Callable[[date], float]) -> list[Month]:
    """Return the firsts of months between two dates, named where there is room."""
    found: list[Month] = []
    named = float("-inf")
    day = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= last:
        at = x(day)
        has_room = at - named >= MONTH_ROOM and x(last) - at >= MONTH_ROOM / 2
        found.append(Month(at, f"{day:%b}" if has_room else ""))
        named = at if has_room else named
        day = (day + timedelta(days=32)).replace(day=1)
    return found
