"""The days on which a demonstration's stories happen, counted from the day it is loaded. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from programme_tracker.kernel.working_time import (
    at_local,
    is_english_bank_holiday,
    local_date,
    to_local,
)

WORKSHOP_STARTS = time(10)
GROUP_STARTS = time(18, 30)

#: Before this on the day of loading, the register that waits is the day before's.
_REGISTER_FROM = time(10, 30)

#: How far back the stories go.
STORY = timedelta(days=75)


@dataclass(frozen=True)
class DemoDays:
    """London dates of the workshops, none of them a bank holiday and no two the same.

    ``open_on`` has a register still to be submitted; ``missed_on``, ``reported_on`` and
    ``overdue_on`` are just before it, in that order going back.
    """

    now: datetime
    first_a_on: date
    first_b_on: date
    second_a_on: date
    third_a_on: date
    third_b_on: date
    next_a_on: date
    next_b_on: date
    overdue_on: date
    reported_on: date
    missed_on: date
    open_on: date
    group_from_on: date

    def ago(self, days: int, hour: int, minute: int = 0) -> datetime:
        """Return a London clock time so many days before the day of loading, as an instant."""
        return at_local(local_date(self.now) - timedelta(days=days), time(hour, minute))

    def before_now(self, **length: float) -> datetime:
        """Return an instant so long before loading: ``hours=2``."""
        return self.now - timedelta(**length)


def on(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a London clock time on a day, as an instant."""
    return at_local(day, time(hour, minute))


def demo_days(now: datetime) -> DemoDays:
    """Lay the stories' days out around the instant of loading."""
    today = local_date(now)
    saturday = today - timedelta(days=(today.weekday() - 5) % 7 or 7)
    next_a_on = _later(saturday + timedelta(weeks=1 if saturday + timedelta(weeks=1) > today else 2))
    open_on = _earlier(today if to_local(now).time() >= _REGISTER_FROM else today - timedelta(days=1))
    missed_on = _day_before(open_on)
    reported_on = _day_before(missed_on)
    third_a_on = _earlier(saturday - timedelta(weeks=2))
    return DemoDays(
        now=now,
        first_a_on=_earlier(saturday - timedelta(weeks=8)),
        first_b_on=_later(saturday - timedelta(weeks=4)),
        second_a_on=_earlier(saturday - timedelta(weeks=5)),
        third_a_on=third_a_on,
        third_b_on=_later(max(third_a_on + timedelta(days=28), next_a_on + timedelta(days=7))),
        next_a_on=next_a_on,
        next_b_on=_later(next_a_on + timedelta(days=28)),
        overdue_on=_day_before(_day_before(reported_on)),
        reported_on=reported_on,
        missed_on=missed_on,
        open_on=open_on,
        group_from_on=today - timedelta(weeks=5),
    )


def _earlier(day: date) -> date:
    """Return this day, or the last one before it that is no bank holiday."""
    while is_english_bank_holiday(day):
        day -= timedelta(days=1)
    return day


def _later(day: date) -> date:
    while is_english_bank_holiday(day):
        day += timedelta(days=1)
    return day


def _day_before(day: date) -> date:
    return _earlier(day - timedelta(days=1))
