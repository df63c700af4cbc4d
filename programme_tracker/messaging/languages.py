"""How a day and a time are said in a text, by language. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from types import MappingProxyType

_NUMBERS = tuple(f"{number:02d}" for number in range(1, 13))


@dataclass(frozen=True)
class DateWords:
    """One language's words for a wall time; ``on`` leads from a sentence to a time, with its space.

    Every word is in the GSM-7 alphabet, so that a time never doubles a text's length.
    """

    days: tuple[str, ...]
    months: tuple[str, ...]
    morning: str
    evening: str
    noon: str
    midnight: str
    on: str

    def clock(self, moment: time) -> str:
        """Say a time of day: "6.30pm", "10am", "12 noon"."""
        if moment.minute == 0 and moment.hour in (0, 12):
            return self.noon if moment.hour else self.midnight
        hour = moment.hour % 12 or 12
        minutes = f".{moment.minute:02d}" if moment.minute else ""
        return f"{hour}{minutes}{self.morning if moment.hour < 12 else self.evening}"

    def day_and_time(self, local: datetime) -> str:
        """Say a London wall time: "Thu 26 Nov 6.30pm"."""
        day, month = self.days[local.weekday()], self.months[local.month - 1]
        return f"{day} {local.day} {month} {self.clock(local.time())}"


@dataclass(frozen=True)
class FigureWords(DateWords):
    """Dates in figures alone, for languages whose names of days we do not know: "26/11 18:30"."""

    def clock(self, moment: time) -> str:
        """Say a time of day: "18:30"."""
        return f"{moment:%H:%M}"

    def day_and_time(self, local: datetime) -> str:
        """Say a London wall time: "26/11 18:30"."""
        return f"{local.day}/{self.months[local.month - 1]} {self.clock(local.time())}"


ENGLISH = DateWords(
    days=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    morning="am",
    evening="pm",
    noon="12 noon",
    midnight="12 midnight",
    on=" on ",
)
WELSH = DateWords(
    days=("Llun", "Maw", "Mer", "Iau", "Gwe", "Sad", "Sul"),
    months=("Ion", "Chwe", "Maw", "Ebr", "Mai", "Meh", "Gor", "Awst", "Medi", "Hyd", "Tach", "Rhag"),
    morning="yb",
    evening="yh",
    noon="hanner dydd",
    midnight="hanner nos",
    on=" ar ",
)
FIGURES = FigureWords(days=(), months=_NUMBERS, morning="", evening="", noon="", midnight="", on=" ")

#: How a language's dates are said, by the word kept with it.
DATE_STYLES: Mapping[str, DateWords] = MappingProxyType(
    {"english": ENGLISH, "welsh": WELSH, "figures": FIGURES}
)

#: The languages that come with the product: code → (title, how dates are said).
FIRST_LANGUAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"en": ("English", "english"), "cy": ("Welsh", "welsh")}
)
