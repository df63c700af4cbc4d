"""Dates in three boxes, and clock times as people type them."""

# mypy: allow-subclassing-any, allow-untyped-calls
# WTForms is published without types.

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from wtforms import Field, StringField

from programme_tracker.web.fields.base import lower_first

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CLOCK = re.compile(r"(\d{1,2})(?:[.:h ]?(\d{2}))?\s*([ap])?\.?m?\.?", re.IGNORECASE)


@dataclass(frozen=True)
class DatePart:
    """One of the three boxes of a date, as it is to be drawn."""

    name: str
    label: str
    value: str
    length: int
    wrong: bool


class DayMonthYearField(Field):
    """A date in three boxes, named ``<name>-day``, ``-month`` and ``-year``.

    ``what`` names the date inside a sentence ("the date the caution expires"); ``example`` is
    shown when it is asked for. A month may be typed as a word.
    """

    PARTS = (("day", "Day", 2), ("month", "Month", 2), ("year", "Year", 4))

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        what: str = "",
        example: str = "31 12 2026",
        **kw: Any,
    ) -> None:
        super().__init__(label, validators, **kw)
        self.what = what or lower_first(label)
        self.example = example
        self.ask = f"Enter {self.what}, for example {example}"
        self.typed: tuple[str, ...] | None = None
        self.wrong: frozenset[str] = frozenset()

    def process(self, formdata: Any, *args: Any, **kw: Any) -> None:
        """Gather the three boxes before they are read."""
        if formdata is not None:
            boxes = (f"{self.name}-{part}" for part, *_ in self.PARTS)
            self.typed = tuple(str(formdata.get(box, "")).strip() for box in boxes)
        super().process(formdata, *args, **kw)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the three boxes into a date."""
        typed = self.typed or ("", "", "")
        self.raw_data = [" ".join(typed)] if any(typed) else []
        self.data = None
        if any(typed):
            self.data, self.wrong, problem = read_date(typed, self.what, self.example)
            if problem:
                raise ValueError(problem)

    @property
    def parts(self) -> tuple[DatePart, ...]:
        """Return the three boxes with what was typed, or with the date's own figures."""
        shown = self.typed or ("", "", "")
        if self.typed is None and self.data is not None:
            shown = (str(self.data.day), str(self.data.month), str(self.data.year))
        wrong = self.wrong or (frozenset(name for name, *_ in self.PARTS) if self.errors else frozenset())
        return tuple(
            DatePart(name, label, value, length, name in wrong)
            for (name, label, length), value in zip(self.PARTS, shown, strict=True)
        )


def read_date(typed: Sequence[str], what: str, example: str) -> tuple[date | None, frozenset[str], str]:
    """Read day, month and year as typed: the date, the boxes at fault, and what to do about them."""
    day, month, year = typed
    such_as = f"for example {example}"
    missing = [name for name, text in zip(("day", "month", "year"), typed, strict=True) if not text]
    if missing:
        return None, frozenset(missing), f"Add the {' and the '.join(missing)} to {what}, {such_as}"
    if month[:3].lower() in MONTHS:
        month = str(MONTHS.index(month[:3].lower()) + 1)
    if not re.fullmatch(r"\d{4}", year):
        return None, frozenset({"year"}), f"Write the year of {what} with four figures, {such_as}"
    if not re.fullmatch(r"\d{1,2}", month) or not 1 <= int(month) <= 12:
        return None, frozenset({"month"}), f"Write the month of {what} as a number from 1 to 12, {such_as}"
    try:
        if not re.fullmatch(r"\d{1,2}", day):
            raise ValueError(day)
        return date(int(year), int(month), int(day)), frozenset(), ""
    except ValueError:
        return None, frozenset({"day"}), f"Check the day of {what}: that month has no day {day}"


class ClockTimeField(StringField):
    """A clock time typed as "18:44", "6.44pm" or "1844".

    ``near`` (a session's start) decides between morning and evening where "6.44" leaves it
    open.
    """

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        near: time | None = None,
        ask: str = "",
        **kw: Any,
    ) -> None:
        kw.setdefault("render_kw", {"inputmode": "text", "autocomplete": "off"})
        super().__init__(label, validators, **kw)
        self.near = near
        self.ask = ask or f"Enter {lower_first(label)}, for example 18:30 or 6.30pm"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = read_clock_time(text, self.near) if text else None
        if text and self.data is None:
            raise ValueError(self.ask)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%H:%M}" if self.data else ""


def read_clock_time(text: str, near: time | None = None) -> time | None:
    """Read "18:44", "6.44pm", "1844", "6 pm" or "midday"; None when it is no time.

    An hour from 1 to 12 without am or pm is the reading closest to ``near``; without ``near``,
    with a leading nought or as "11:00", the way the 24-hour clock writes it, it is taken as written.
    """
    plain = text.strip().lower()
    if plain in ("midday", "noon", "midnight"):
        return time(0 if plain == "midnight" else 12)
    found = CLOCK.fullmatch(plain)
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if hour > (12 if half else 23) or minute > 59 or (half and hour == 0):
        return None
    if half:
        return time(hour % 12 + (12 if half == "p" else 0), minute)
    readings = [time(hour, minute)]
    is_as_written = found[1].startswith("0") or re.match(r"\d\d:", plain) is not None
    if near and 1 <= hour <= 12 and not is_as_written:
        readings.append(time((hour + 12) % 24, minute))
    return min(readings, key=lambda reading: _apart(reading, near)) if near else readings[0]


def _apart(one: time, other: time) -> timedelta:
    return abs(timedelta(hours=one.hour - other.hour, minutes=one.minute - other.minute))
