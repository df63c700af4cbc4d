"""Findings in plain English, for the people who have to act on them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from programme_tracker.engagement.rules.facts import Finding, Rule, Sitting
from programme_tracker.programmes.rules import ProgrammePolicy

RULE_TITLES: Mapping[Rule, str] = MappingProxyType(
    {
        Rule.FIRST_ABSENCE: "Unexplained absence",
        Rule.ACCEPTABLE_ABSENCES: "Repeated acceptable absences",
        Rule.LATENESS: "Repeated lateness",
        Rule.CONSECUTIVE_ABSENCES: "Unexplained absences in a row",
        Rule.ABSENCES_IN_WINDOW: "Unexplained absences adding up",
        Rule.ABSENCE_AT_HIGH_RISK: "Unexplained absence at high risk",
        Rule.DISENGAGED: "Disengaged",
        Rule.NO_CONTACT: "No contact",
        Rule.MANDATED_SESSION_MISSED: "Mandated session missed",
        Rule.CANNOT_COMPLETE_IN_TIME: "Cannot complete before the caution expires",
        Rule.ASSESSMENT_MISSED: "Assessment missed",
    }
)

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")

#: What is said of a rule: given the dates in words, their count and the policy.
_Sentence = Callable[[str, int, ProgrammePolicy], str]


def explain(finding: Finding, sittings: Iterable[Sitting], policy: ProgrammePolicy) -> str:
    """Return one sentence that says what happened and which rule it meets.

    For example: "Two unexplained absences in a row: Thu 17 Dec and Thu 24 Dec (rule: 2 in a row)".
    ``sittings`` are the enrolment's; ``policy`` is the one that the finding was made under.
    """
    if finding.session_id is None:
        return _BY_TIME[finding.rule](_day(finding.since_on), 0, policy)
    held_on = {sitting.session_id: sitting.on for sitting in sittings}
    days = [held_on[session_id] for session_id in finding.evidence if session_id in held_on]
    return _BY_OUTCOME[finding.rule](_days(days), len(finding.evidence), policy)


def _first_absence(days: str, count: int, policy: ProgrammePolicy) -> str:
    return f"{_counted(count, 'unexplained absence')}{days} (rule: {policy.first_absence})"


def _acceptable_absences(days: str, count: int, policy: ProgrammePolicy) -> str:
    rule = f"{policy.acceptable_absences} in {policy.acceptable_absences_days} days"
    return f"{_counted(count, 'acceptable absence')}{days} (rule: {rule})"


def _lateness(days: str, count: int, policy: ProgrammePolicy) -> str:
    rule = f"{policy.lateness} in the last {policy.lateness_window} sessions"
    return f"Late {_times(count)}{days} (rule: {rule})"


def _consecutive_absences(days: str, count: int, policy: ProgrammePolicy) -> str:
    rule = f"{policy.consecutive_absences} in a row"
    return f"{_counted(count, 'unexplained absence')} in a row{days} (rule: {rule})"


def _disengaged(days: str, count: int, policy: ProgrammePolicy) -> str:
    rule = f"{policy.disengaged_streak} in a row"
    return f"{_counted(count, 'unexplained absence')} in a row, disengaged{days} (rule: {rule})"


def _absences_in_window(days: str, count: int, policy: ProgrammePolicy) -> str:
    rule = f"{policy.absences_in_window} of the last {policy.absences_window} sessions"
    return f"{_counted(count, 'unexplained absence')}{days} (rule: {rule})"


def _absence_at_high_risk(days: str, count: int, policy: ProgrammePolicy) -> str:
    rule = f"{policy.absence_at_high_risk} at high risk or priority"
    return f"{_counted(count, 'unexplained absence')} at high risk or priority{days} (rule: {rule})"


def _mandated_session_missed(days: str, count: int, policy: ProgrammePolicy) -> str:
    return f"Mandated session missed{days} (rule: any miss, whatever the reason)"


def _assessment_missed(days: str, count: int, policy: ProgrammePolicy) -> str:
    levels = (("amber", policy.assessment_missed_amber), ("red", policy.assessment_missed_red))
    rule = ", ".join(f"{level} at {threshold}" for level, threshold in levels if threshold)
    return f"{_counted(count, 'missed assessment')}{days} (rule: {rule})"


def _no_contact(since: str, count: int, policy: ProgrammePolicy) -> str:
    return f"No attendance or contact since {since} (rule: {policy.no_contact_days} days)"


def _disengaged_by_time(since: str, count: int, policy: ProgrammePolicy) -> str:
    return f"No attendance or contact since {since} (rule: {policy.disengaged_days} days)"


def _cannot_complete_in_time(since: str, count: int, policy: ProgrammePolicy) -> str:
    rule = f"at least {policy.part_gap_min_days} days from part A to part B"
    return f"From {since} the two workshops no longer fit before the caution expires (rule: {rule})"


_BY_OUTCOME: Mapping[Rule, _Sentence] = {
    Rule.FIRST_ABSENCE: _first_absence,
    Rule.ACCEPTABLE_ABSENCES: _acceptable_absences,
    Rule.LATENESS: _lateness,
    Rule.CONSECUTIVE_ABSENCES: _consecutive_absences,
    Rule.ABSENCES_IN_WINDOW: _absences_in_window,
    Rule.ABSENCE_AT_HIGH_RISK: _absence_at_high_risk,
    Rule.DISENGAGED: _disengaged,
    Rule.MANDATED_SESSION_MISSED: _mandated_session_missed,
    Rule.ASSESSMENT_MISSED: _assessment_missed,
}
_BY_TIME: Mapping[Rule, _Sentence] = {
    Rule.DISENGAGED: _disengaged_by_time,
    Rule.NO_CONTACT: _no_contact,
    Rule.CANNOT_COMPLETE_IN_TIME: _cannot_complete_in_time,
}


def _counted(count: int, thing: str) -> str:
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{number} {thing}" if count == 1 else f"{number} {thing}s"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _days(days: Sequence[date]) -> str:
    """Return days as ": Thu 17 Dec, Thu 24 Dec and Thu 31 Dec", empty if there are none."""
    *others, last = [_day(day) for day in days] or [""]
    listed = f"{', '.join(others)} and {last}" if others else last
    return f": {listed}" if listed else ""


def _day(day: date | None) -> str:
    return f"{day:%a} {day.day} {day:%b}" if day else "an unknown day"
