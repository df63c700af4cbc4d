"""The rules of product.md §7 said a second time, slowly and plainly; nothing of the product is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

CAME = ("attended", "attended_late", "left_early")
UNEXPLAINED = ("absent", "absent_unacceptable", "refused_late", "sent_home")
NEUTRAL = ("excused_provider", "excused_suspended")
ACCEPTABLE = "absent_acceptable"

#: Programme → rule → threshold, copied from the table by hand. A rule that is not here is off.
TABLE: dict[str, dict[str, int]] = {
    "radar": {
        "first_absence": 1,
        "acceptable_absences": 2,
        "lateness": 2,
        "consecutive_absences": 2,
        "absences_in_window": 3,
        "absence_at_high_risk": 1,
        "disengaged": 3,
    },
    "cara": {},
    "baseline": {
        "first_absence": 1,
        "acceptable_absences": 2,
        "consecutive_absences": 3,
        "absence_at_high_risk": 1,
    },
    "linx": {"first_absence": 1, "acceptable_absences": 2, "lateness": 2, "consecutive_absences": 2},
}
TABLE["awareness"] = TABLE["radar"]
TABLE["young_adults"] = TABLE["linx"]

#: Days without attendance or contact, and the rule they fulfil.
SILENCE = {
    "radar": ("disengaged", 21),
    "awareness": ("disengaged", 21),
    "baseline": ("no_contact", 14),
}

AMBER = ("first_absence", "acceptable_absences", "lateness")


@dataclass(frozen=True)
class Seen:
    """One session of one person: its London date and what its register says."""

    on: date
    outcome: str


def streak(outcomes: Sequence[str]) -> int:
    """Count forwards: one up for each unexplained absence, back to nothing whenever somebody came."""
    count = 0
    for outcome in outcomes:
        if outcome in CAME:
            count = 0
        if outcome in UNEXPLAINED:
            count = count + 1
    return count


def window(outcomes: Sequence[str], size: int) -> list[str]:
    """Walk back from the newest until ``size`` outcomes that count have been met."""
    met: list[str] = []
    for outcome in reversed(outcomes):
        if len(met) == size:
            break
        if outcome not in NEUTRAL:
            met.append(outcome)
    return met


def caused_by_last(
    seen: Sequence[Seen], programme: str, *, is_high: bool, is_mandated: bool
) -> set[tuple[str, str]]:
    """Return (rule, level) of whatever the newest session makes true; red swallows amber."""
    rules = _true_of_last(seen, programme, is_high=is_high, is_mandated=is_mandated)
    if any(rule not in AMBER for rule in rules):
        rules = {rule for rule in rules if rule not in AMBER}
    return {(rule, "amber" if rule in AMBER else "red") for rule in rules}


def amber_of_last(seen: Sequence[Seen], programme: str) -> set[str]:
    """Return the amber rules that the newest session makes true, swallowed or not."""
    return _true_of_last(seen, programme, is_high=False, is_mandated=False) & set(AMBER)


def _true_of_last(seen: Sequence[Seen], programme: str, *, is_high: bool, is_mandated: bool) -> set[str]:
    counts = _counts(seen, is_high=is_high)
    reached = {rule for rule, least in TABLE[programme].items() if counts.get(rule, 0) >= least}
    missed = seen[-1].outcome in (*UNEXPLAINED, ACCEPTABLE)
    is_breach = missed and (is_mandated or programme == "cara")
    return reached | ({"mandated_session_missed"} if is_breach else set())


def _counts(seen: Sequence[Seen], *, is_high: bool) -> dict[str, int]:
    """Count for each rule that the newest session may fulfil what its threshold is compared with."""
    last, outcomes = seen[-1], [one.outcome for one in seen]
    lately = window(outcomes, 6)
    if last.outcome == "attended_late":
        return {"lateness": lately.count("attended_late")}
    if last.outcome == ACCEPTABLE:
        since = last.on - timedelta(days=28)
        return {"acceptable_absences": sum(one.outcome == ACCEPTABLE and one.on > since for one in seen)}
    if last.outcome not in UNEXPLAINED:
        return {}
    in_a_row = streak(outcomes)
    return {
        "first_absence": in_a_row,
        "consecutive_absences": in_a_row,
        "disengaged": in_a_row,
        "absences_in_window": sum(outcome in UNEXPLAINED for outcome in lately),
        "absence_at_high_risk": in_a_row if is_high else 0,
    }


def silent_from(
    programme: str,
    *,
    enrolled_at: datetime,
    first_session_at: datetime | None,
    came_at: Sequence[datetime],
    spoken_at: Sequence[datetime],
    away: Sequence[tuple[date, date | None]] = (),
) -> datetime | None:
    """Return 09:00 on the London day on which silence has lasted too long, counted day by day.

    ``away`` are the London days from which and to which somebody was suspended. A day counts when
    it begins after the last word and none of it was spent suspended from its first moment; None
    for a programme without this rule, or while a suspension lasts.
    """
    if programme not in SILENCE:
        return None
    if any(end is None for _, end in away):
        return None
    moments = [enrolled_at, *came_at, *spoken_at] + ([first_session_at] if first_session_at else [])
    day, left = max(moments).astimezone(LONDON).date(), SILENCE[programme][1]
    while left > 0:
        day += timedelta(days=1)
        is_away = any(start < day and end is not None and day <= end for start, end in away)
        left -= not is_away
    return datetime.combine(day, time(9), LONDON)
