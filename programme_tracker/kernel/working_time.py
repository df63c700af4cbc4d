"""London time and working time: pure functions over dates, instants and bank holidays.

A working day is Monday to Friday and no bank holiday of England; working hours are 09:00 to
17:00 local time (product.md §8).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DAY_STARTS = time(9)
DAY_ENDS = time(17)


def to_local(moment: datetime) -> datetime:
    """Return an aware instant as London wall time, still aware."""
    return moment.astimezone(LONDON)


def local_date(moment: datetime) -> date:
    """Return the London date on which an instant falls."""
    return to_local(moment).date()


def from_local(wall: datetime) -> datetime:
    """Return the UTC instant of a naive London wall time.

    When the clocks go back the earlier of the two is meant; a time that the spring change
    skips becomes the instant just as far after the change.
    """
    return wall.replace(tzinfo=LONDON, fold=0).astimezone(UTC)


def at_local(day: date, clock_time: time) -> datetime:
    """Return the UTC instant of a wall time on a London date."""
    return from_local(datetime.combine(day, clock_time))


@cache
def _england(year: int) -> dict[date, str]:
    import holidays

    return dict(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_english_bank_holiday(day: date) -> bool:
    """Tell whether ``day`` is a bank holiday of England, substitute days included."""
    return day in _england(day.year)


def bank_holiday_name(day: date) -> str | None:
    """Return what a bank holiday of England is called, "Christmas Day"; None on other days."""
    return _england(day.year).get(day)


@dataclass(frozen=True)
class WorkingCalendar:
    """Answers questions about working days and hours."""

    is_bank_holiday: Callable[[date], bool] = is_english_bank_holiday

    def is_working_day(self, day: date) -> bool:
        """Tell whether ``day`` is a working day."""
        return day.weekday() < 5 and not self.is_bank_holiday(day)

    def next_working_day(self, day: date) -> date:
        """Return the first working day after ``day`` (product.md §8.3)."""
        return self.add_working_days(day, 1)

    def add_working_days(self, day: date, count: int) -> date:
        """Return the ``count``-th working day after ``day``."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def end_of_next_working_day(self, moment: datetime) -> datetime:
        """Return 17:00 local on the first working day after an instant's London date.

        The deadline for enforcement notices and the longest hold on a mandated case
        (product.md §8.2, §8.3).
        """
        return at_local(self.next_working_day(local_date(moment)), DAY_ENDS)

    def add_working_hours(self, start: datetime, hours: float) -> datetime:
        """Return the instant ``hours`` working hours after ``start``.

        Time outside working hours does not count: four hours from a Saturday end at 13:00 on
        the next working day.
        """
        left = timedelta(hours=hours)
        moment = start
        while True:
            day = local_date(moment)
            closes = at_local(day, DAY_ENDS)
            if not self.is_working_day(day) or moment >= closes:
                moment = at_local(self.next_working_day(day), DAY_STARTS)
                continue
            moment = max(moment, at_local(day, DAY_STARTS))
            if moment + left <= closes:
                return moment + left
            left -= closes - moment
            moment = closes
