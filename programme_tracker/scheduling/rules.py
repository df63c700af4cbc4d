"""When sessions are, when texts about them go, and which workshop days a caution allows.

Pure functions. ``datetime`` values are aware UTC instants save where a parameter says *wall*:
those are naive London wall times, because a weekly group keeps its hour when the clocks change.
``date`` values are London dates.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from programme_tracker.kernel.errors import Code
from programme_tracker.kernel.working_time import WorkingCalendar, at_local, local_date, to_local

WEEK = timedelta(weeks=1)
ONE_DAY = timedelta(days=1)
REGISTER_DUE = time(12)
STAFFING_BEFORE = timedelta(hours=48)


def weekly_starts(first: datetime, count: int, is_bank_holiday: Callable[[date], bool]) -> list[datetime]:
    """Return the wall times of ``count`` weekly sessions from the wall time ``first``.

    All keep the weekday and hour of ``first``. A week whose day is a bank holiday is skipped and
    not counted, the first one included (product.md §4).
    """
    starts: list[datetime] = []
    wall = first
    while len(starts) < count:
        if not is_bank_holiday(wall.date()):
            starts.append(wall)
        wall += WEEK
    return starts


def moved_starts(
    starts: Sequence[datetime],
    moved_index: int,
    new_wall: datetime,
    later_too: bool,
    is_bank_holiday: Callable[[date], bool],
) -> list[datetime]:
    """Return all wall times after the session at ``moved_index`` has moved to ``new_wall``.

    ``starts`` are wall times in order of date. Earlier sessions stay. With ``later_too`` the later
    ones move by the same shift; one that would fall on a bank holiday, or on a day already taken
    by the session before it, goes a week later. The moved session itself goes exactly where it
    was asked to: whether that day is past or a bank holiday is for the caller to refuse.
    """
    shift = new_wall - starts[moved_index]
    moved = [*starts[:moved_index], new_wall]
    for wall in starts[moved_index + 1 :]:
        if not later_too:
            moved.append(wall)
            continue
        candidate = wall + shift
        while candidate <= moved[-1] or is_bank_holiday(candidate.date()):
            candidate += WEEK
        moved.append(candidate)
    return moved


def overlaps(a_starts: datetime, a_minutes: int, b_starts: datetime, b_minutes: int) -> bool:
    """Tell whether two sessions share any time; one that begins as the other ends does not clash."""
    a_ends = a_starts + timedelta(minutes=a_minutes)
    b_ends = b_starts + timedelta(minutes=b_minutes)
    return a_starts < b_ends and b_starts < a_ends


def register_due_at(ends_at: datetime, calendar: WorkingCalendar) -> datetime:
    """Return noon of the first working day after the session's London date (product.md §6)."""
    return at_local(calendar.next_working_day(local_date(ends_at)), REGISTER_DUE)


def staffing_due_at(starts_at: datetime, now: datetime) -> datetime:
    """Return when it is looked at who will run a session: 48 hours before, or now if that is past."""
    return max(starts_at - STAFFING_BEFORE, now)


def owed_topics(all_topics: Iterable[int], credited: Collection[int], from_number: int) -> list[int]:
    """Return the topics a person joining at topic ``from_number`` has missed, in order.

    These are the earlier topics without credit: topic 8 done and joining at 10 owes 9
    (product.md §4, transfer).
    """
    return sorted(topic for topic in all_topics if topic < from_number and topic not in credited)


def transfer_gap_is_neutral(last_on: date, next_on: date, days: int = 14) -> bool:
    """Tell whether the gap between two groups is short enough to count as nothing (product.md §4)."""
    return (next_on - last_on).days <= days


@dataclass(frozen=True)
class TextWindow:
    """The London hours in which texts may go, both ends included (product.md §5)."""

    opens: time = time(9)
    closes: time = time(20)
    #: When on its day a reminder goes.
    remind_at: time = time(10)
    #: A session that starts before this does not let its text wait for ``opens`` that morning.
    early_start: time = time(10)


@dataclass(frozen=True)
class ReminderPlan:
    """One reminder: how many days before the session, and the instant at which it goes."""

    offset_days: int
    send_at: datetime


def inside(window: TextWindow, moment: datetime) -> bool:
    """Tell whether an instant lies in the window's London hours, both ends included."""
    return window.opens <= to_local(moment).time() <= window.closes


def announcement_at(now: datetime, starts_at: datetime, window: TextWindow) -> datetime:
    """Return when a ``booked``, ``changed`` or ``cancelled`` text goes.

    At once inside the window; otherwise at the next opening, unless the session starts before
    10:00 that morning or earlier: then at once (product.md §5).
    """
    if inside(window, now):
        return now
    local = to_local(now)
    morning = local.date() if local.time() < window.opens else local.date() + ONE_DAY
    if starts_at < at_local(morning, window.early_start):
        return now
    return at_local(morning, window.opens)


def change_announcement_at(
    decided_at: datetime,
    starts_at: datetime,
    window: TextWindow,
    delay: timedelta = timedelta(minutes=15),
    at_once_within: timedelta = timedelta(hours=2),
) -> datetime:
    """Return when participants hear that a session was cancelled or moved.

    Victim safety hears at ``decided_at``, participants ``delay`` later, or at once if the session
    starts within ``at_once_within`` (exactly that long included); then the window's hours apply
    (product.md §9). ``starts_at`` is the old start, or for a move the earlier of old and new.
    """
    pressing = starts_at - decided_at <= at_once_within
    return announcement_at(decided_at if pressing else decided_at + delay, starts_at, window)


def _reminder_moment(day: date, window: TextWindow) -> datetime:
    """Return when a reminder due on ``day`` goes: outside the window, the last moment before it."""
    if window.remind_at < window.opens:
        return at_local(day - ONE_DAY, window.closes)
    return at_local(day, min(window.remind_at, window.closes))


def reminder_plans(
    starts_at: datetime,
    offsets: Sequence[int],
    booked_at: datetime,
    announced_at: datetime | None,
    window: TextWindow,
    drop_within: timedelta = timedelta(hours=12),
) -> list[ReminderPlan]:
    """Return the reminders of one booking, earliest first.

    ``offsets`` are whole London days before the session. None is planned whose moment is before
    ``booked_at`` (the very moment of booking still counts), or not before the start. With
    ``announced_at``, the instant of the ``booked`` or ``changed`` text about the session, none is
    planned until more than ``drop_within`` after it; so a reminder never runs ahead of the news
    that victim safety is to hear first (product.md §5, §9).
    """
    session_on = local_date(starts_at)
    plans = []
    for offset in sorted(set(offsets), reverse=True):
        send_at = _reminder_moment(session_on - timedelta(days=offset), window)
        repeats_news = announced_at is not None and send_at <= announced_at + drop_within
        if booked_at <= send_at < starts_at and not repeats_news:
            plans.append(ReminderPlan(offset, send_at))
    return plans


@dataclass(frozen=True)
class PartRules:
    """Days from part A to part B: at least (hard) and at most (a warning) (product.md §2)."""

    gap_min_days: int = 28
    gap_max_days: int = 35


def last_day_for_part_a(expires_on: date, rules: PartRules) -> date:
    """Return the last day on which part A leaves room for part B before the caution expires."""
    return expires_on - timedelta(days=rules.gap_min_days)


def last_day_for_part_b(expires_on: date) -> date:
    """Return the last day for part B: the expiry date printed on the caution."""
    return expires_on


def part_a_refusal(day: date, expires_on: date, rules: PartRules) -> Code | None:
    """Say why part A cannot be on ``day``, or None if it can."""
    return Code.AFTER_CAUTION_EXPIRES if day > last_day_for_part_a(expires_on, rules) else None


def part_b_refusal(day: date, part_a_on: date | None, expires_on: date, rules: PartRules) -> Code | None:
    """Say why part B cannot be on ``day``, or None if it can.

    ``part_a_on`` is the day of the part A that was attended or is booked. A day both too soon and
    after the expiry is refused for the expiry, since a later day would not help.
    """
    if part_a_on is None or day < part_a_on:
        return Code.PART_A_FIRST
    if day > last_day_for_part_b(expires_on):
        return Code.AFTER_CAUTION_EXPIRES
    if day < part_a_on + timedelta(days=rules.gap_min_days):
        return Code.TOO_SOON_AFTER_PART_A
    return None


def part_b_warning(day: date, part_a_on: date, rules: PartRules) -> str | None:
    """Return a warning when part B is later after part A than it should be; it may still go ahead."""
    gap = (day - part_a_on).days
    if gap <= rules.gap_max_days:
        return None
    return f"Part B would be {gap} days after part A. It should be at most {rules.gap_max_days}."


def part_b_window(part_a_on: date, expires_on: date, rules: PartRules) -> tuple[date, date] | None:
    """Return the first and last day on which part B is allowed, or None if there is none."""
    first = part_a_on + timedelta(days=rules.gap_min_days)
    last = last_day_for_part_b(expires_on)
    return (first, last) if first <= last else None


def pair_fits(today: date, part_a_on: date | None, expires_on: date, rules: PartRules) -> bool:
    """Tell whether both parts can still be done before the caution expires.

    ``part_a_on`` is the day part A was attended, None while it has not been.
    """
    if part_a_on is None:
        return today <= last_day_for_part_a(expires_on, rules)
    window = part_b_window(part_a_on, expires_on, rules)
    return window is not None and today <= window[1]


def pair_fails_on(part_a_on: date | None, expires_on: date, rules: PartRules) -> date:
    """Return the first day on which the pair no longer fits.

    That is the day after the last day for part A; once A was attended, the day after the expiry,
    or the day of A itself if it left no room for B.
    """
    if part_a_on is None:
        return last_day_for_part_a(expires_on, rules) + ONE_DAY
    window = part_b_window(part_a_on, expires_on, rules)
    return part_a_on if window is None else window[1] + ONE_DAY
