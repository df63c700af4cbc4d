"""Dates, times, durations, numbers and counts in the words that pages use.

Pure functions: they take the present instant, they never ask for it. ``add_filters`` hands
them to Jinja together with the application's clock.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from jinja2 import Environment

from programme_tracker.kernel.working_time import local_date, to_local
from programme_tracker.messaging.numbers import display
from programme_tracker.web.caution_picture import draw_caution

NOT_SET = "not set"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

Urgency = Literal["late", "soon", "later"]


def day_words(value: date | datetime | None, today: date) -> str:
    """Return a day as "Thu 26 Nov", with the year when it is not this year's.

    An instant falls on its London date; nothing is "not set".
    """
    if value is None:
        return NOT_SET
    day = local_date(value) if isinstance(value, datetime) else value
    words = f"{day:%a} {day.day} {day:%b}"
    return words if day.year == today.year else f"{words} {day.year}"


def full_day_words(value: date | datetime | None) -> str:
    """Return a day as "26 November 1985": for birth dates and printed papers."""
    if value is None:
        return NOT_SET
    day = local_date(value) if isinstance(value, datetime) else value
    return f"{day.day} {day:%B} {day.year}"


def time_words(value: time | datetime | None) -> str:
    """Return a London clock time as "6.30pm", "5pm", "midday" or "midnight"."""
    if value is None:
        return NOT_SET
    clock = to_local(value).time() if isinstance(value, datetime) else value
    if (clock.hour, clock.minute) in ((0, 0), (12, 0)):
        return "midday" if clock.hour else "midnight"
    half = "am" if clock.hour < 12 else "pm"
    hour = clock.hour % 12 or 12
    return f"{hour}.{clock.minute:02}{half}" if clock.minute else f"{hour}{half}"


def moment_words(value: datetime | None, now: datetime) -> str:
    """Return an instant as "Thu 26 Nov, 6.30pm", London time, with the year when not this year's."""
    if value is None:
        return NOT_SET
    return f"{day_words(value, local_date(now))}, {time_words(value)}"


def length_words(length: timedelta | int | None) -> str:
    """Return a length of time (or whole minutes) as "2 hours 15 minutes"."""
    if length is None:
        return NOT_SET
    minutes = length if isinstance(length, int) else int(length / MINUTE)
    hours, minutes = divmod(minutes, 60)
    parts = [_units(hours, "hour")] if hours else []
    if minutes or not hours:
        parts.append(_units(minutes, "minute"))
    return " ".join(parts)


def _units(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _short_length(length: timedelta) -> str:
    """Return a length as a list shows it: "25 min", "1 h 15 min", "5 h", "3 days"."""
    if length >= DAY:
        return _units(length // DAY, "day")
    hours, minutes = divmod(int(length / MINUTE), 60)
    if hours >= 2 or (hours and not minutes):
        return f"{hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def due_words(deadline: datetime | date | None, now: datetime) -> str:
    """Say when something is due and how long is left, or how late it is.

    "due today 5pm, 2 h left", "due Mon 12 Oct, 5pm, 3 days left", "3 days late". A date
    without a time is due by the end of its London day.
    """
    if deadline is None:
        return "no deadline"
    if not isinstance(deadline, datetime):
        return _due_day_words(deadline, local_date(now))
    left = deadline - now
    if left < timedelta(0):
        return "late since just now" if -left < MINUTE else f"{_short_length(-left)} late"
    if left < MINUTE:
        return "due now"
    days = (local_date(deadline) - local_date(now)).days
    shown = _units(days, "day") if left >= DAY else _short_length(left)
    when = _near_day(days) or f"{day_words(deadline, local_date(now))},"
    return f"due {when} {time_words(deadline)}, {shown} left"


def _near_day(days: int) -> str:
    return {0: "today", 1: "tomorrow"}.get(days, "")


def _due_day_words(deadline: date, today: date) -> str:
    days = (deadline - today).days
    if days < 0:
        return f"{_units(-days, 'day')} late"
    if near := _near_day(days):
        return f"due {near}"
    return f"due {day_words(deadline, today)}, {days} days left"


def urgency(deadline: datetime | date | None, now: datetime) -> Urgency:
    """Tell whether a deadline has passed ("late"), falls today ("soon") or lies ahead ("later")."""
    if deadline is None:
        return "later"
    if isinstance(deadline, datetime):
        if deadline < now:
            return "late"
        deadline = local_date(deadline)
    days = (deadline - local_date(now)).days
    return "late" if days < 0 else "soon" if days == 0 else "later"


def ago_words(moment: datetime | None, now: datetime) -> str:
    """Say how long ago an instant was: "just now", "25 min ago", "3 days ago"."""
    if moment is None:
        return "never"
    gone = now - moment
    return "just now" if gone < MINUTE else f"{_short_length(gone)} ago"


def days_from_today(day: date | None, today: date) -> str:
    """Say how far off a date is: "today", "tomorrow", "in 12 days", "3 days ago"."""
    if day is None:
        return NOT_SET
    days = (day - today).days
    if days < 0:
        return "yesterday" if days == -1 else f"{-days} days ago"
    return _near_day(days) or f"in {days} days"


def number_words(number: str | None) -> str:
    """Return a telephone number in its British grouping: "07700 900101".

    What cannot be read as a number is shown as it was stored.
    """
    return display(number) if number else NOT_SET


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: "no absences", "one absence", "12 absences"."""
    number = SMALL_NUMBERS[count] if 0 <= count < len(SMALL_NUMBERS) else f"{count:,}"
    return f"{number} {one if count == 1 else many or one + 's'}"


def words(code: object) -> str:
    """Return a stored code as words: "absent_unacceptable" → "Absent unacceptable"."""
    text = str(getattr(code, "value", code)).replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def iso(value: date | datetime | time) -> str:
    """Return the value of a ``<time datetime>`` attribute, instants in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value.isoformat()


def add_filters(environment: Environment, now: Callable[[], datetime]) -> None:
    """Give Jinja the filters that every template uses; ``now`` tells the present instant."""

    def today() -> date:
        return local_date(now())

    filters: dict[str, Callable[..., Any]] = {
        "day": lambda value: day_words(value, today()),
        "full_day": full_day_words,
        "clock_time": time_words,
        "moment": lambda value: moment_words(value, now()),
        "duration": length_words,
        "due": lambda value: due_words(value, now()),
        "urgency": lambda value: urgency(value, now()),
        "ago": lambda value: ago_words(value, now()),
        "from_today": lambda value: days_from_today(value, today()),
        "phone_number": number_words,
        "counted": counted,
        "words": words,
        "iso": iso,
        "as_day": date.fromisoformat,
    }
    environment.filters.update(filters)
    environment.globals.update(draw_caution=draw_caution, local_today=today)
