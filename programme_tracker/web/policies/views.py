"""What the policy pages show: versions, their tables, differences and trials, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select

from programme_tracker.accounts.models import Staff
from programme_tracker.engagement.rules import RULE_TITLES, Level, Rule
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date, to_local
from programme_tracker.programmes.models import PolicyVersion
from programme_tracker.programmes.queries import policy_at
from programme_tracker.programmes.rules import Policy, ProgrammePolicy
from programme_tracker.web.policies.settings import (
    EVERYWHERE,
    GENERAL,
    PROGRAMME,
    Setting,
    settings_of,
    value_words,
)
from programme_tracker.web.presentation import day_words, moment_words, words
from programme_tracker.workflows.policies import Difference, versions
from programme_tracker.workflows.policy_trial import TrialLine

#: The first version has no author: it came with the product.
FIRST_AUTHOR = "came with Programme Tracker"


@dataclass(frozen=True)
class VersionLine:
    """One version in the list; ``state`` is present, coming or past."""

    number: int
    starts: str
    by: str
    note: str
    state: str


@dataclass(frozen=True)
class Table:
    """One group of numbers as programme × number: a row's cells stand under the columns."""

    title: str
    columns: list[str]
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Change:
    """One number that differs, in words."""

    where: str
    what: str
    before: str
    after: str


@dataclass(frozen=True)
class TriedRule:
    """What one rule would have done differently, in words."""

    programme: str
    rule: str
    level: str
    raised_now: int
    would_raise: int
    difference: str


def version_lines(now: datetime) -> list[VersionLine]:
    """Return every version, newest first, with which of them counts now."""
    rows, present = versions(), policy_at(now).version
    found = select(Staff.id, Staff.name).where(
        Staff.id.in_([row.created_by for row in rows if row.created_by])
    )
    names = {staff_id: name for staff_id, name in db.session.execute(found)}
    return [
        VersionLine(
            row.number,
            start_words(row.in_force_at, now),
            names.get(row.created_by or 0, FIRST_AUTHOR),
            row.note,
            _state(row, present, now),
        )
        for row in rows
    ]


def start_words(moment: datetime, now: datetime) -> str:
    """Return when a version starts to count: a day, or a moment where it was made to count at once."""
    if to_local(moment).time() == time(0):
        return day_words(moment, local_date(now))
    return moment_words(moment, now)


def _state(row: PolicyVersion, present: int, now: datetime) -> str:
    if row.number == present:
        return "present"
    return "coming" if row.in_force_at > now else "past"


def tables(policy: Policy) -> list[Table]:
    """Return a version as tables: one for each group of numbers, programmes side by side."""
    columns = [programme.title for programme in policy.programmes.values()]
    made = [
        Table(group, columns, _rows(settings, list(policy.programmes.values())))
        for group, settings in _grouped(PROGRAMME.items())
    ]
    general = [
        (setting.label, [value_words(setting, getattr(policy.general, name))])
        for name, setting in EVERYWHERE.items()
    ]
    return [*made, Table("For all programmes", ["All"], general)]


def _rows(
    settings: Iterable[tuple[str, Setting]], programmes: Sequence[ProgrammePolicy]
) -> list[tuple[str, list[str]]]:
    """Return the rows of a table; what only says how far back a rule looks stands behind its number."""
    rows: list[tuple[str, list[str]]] = []
    for name, setting in settings:
        said = [value_words(setting, getattr(one, name)) for one in programmes]
        if setting.joins:
            label, above = rows.pop()
            joined = [f"{first} {setting.joins} {then}" for first, then in zip(above, said, strict=True)]
            said = [first if first == "off" else both for first, both in zip(above, joined, strict=True)]
            rows.append((label, said))
        else:
            rows.append((setting.label, said))
    return rows


def _grouped(items: Iterable[tuple[str, Setting]]) -> list[tuple[str, list[tuple[str, Setting]]]]:
    found: dict[str, list[tuple[str, Setting]]] = {}
    for name, setting in items:
        found.setdefault(setting.group, []).append((name, setting))
    return list(found.items())


def change_lines(found: Iterable[Difference], policy: Policy) -> list[Change]:
    """Return differences in words, programme by programme."""
    return [
        Change(
            section_title(one.programme, policy),
            _label(one),
            _said(one, one.before),
            _said(one, one.after),
        )
        for one in found
    ]


def section_title(section: str, policy: Policy) -> str:
    """Return what a section is called: a programme's title, or "All programmes"."""
    if section == GENERAL:
        return "All programmes"
    programme = policy.programmes.get(section)
    return programme.title if programme else words(section)


def _label(one: Difference) -> str:
    setting = settings_of(one.programme).get(one.key)
    return setting.label if setting else words(one.key)


def _said(one: Difference, value: object) -> str:
    setting = settings_of(one.programme).get(one.key)
    return value_words(setting, value) if setting else str(value)


def tried_rules(lines: Iterable[TrialLine], policy: Policy) -> list[TriedRule]:
    """Return a trial in words: what differs first, red before amber."""
    ordered = sorted(
        lines, key=lambda line: (line.more == 0, line.level != Level.RED, line.programme, line.rule)
    )
    return [
        TriedRule(
            section_title(line.programme, policy),
            _rule_title(line.rule),
            line.level,
            line.raised_now,
            line.would_raise,
            _more_words(line.more),
        )
        for line in ordered
    ]


def _rule_title(rule: str) -> str:
    return RULE_TITLES[Rule(rule)] if rule in set(Rule) else words(rule)


def _more_words(more: int) -> str:
    return "the same" if more == 0 else f"{abs(more)} {'more' if more > 0 else 'fewer'}"


def trial_sentence(lines: Sequence[TrialLine], policy: Policy) -> str:
    """Say what a trial found: "In the last 90 days it would have raised 4 more red flags: …"."""
    said = [part for level in (Level.RED, Level.AMBER) for part in _level_words(lines, level, policy)]
    if not said:
        return "In the last 90 days it would have raised the same flags."
    return f"In the last 90 days it would have raised {'; and '.join(said)}."


def _level_words(lines: Sequence[TrialLine], level: Level, policy: Policy) -> list[str]:
    differing = [line for line in lines if line.level == level and line.more]
    parts = []
    for sign, word in ((1, "more"), (-1, "fewer")):
        these = [line for line in differing if line.more * sign > 0]
        count = sum(abs(line.more) for line in these)
        if count:
            listed = ", ".join(_times_words(line, policy) for line in these)
            parts.append(f"{count} {word} {level.value} {'flag' if count == 1 else 'flags'}: {listed}")
    return parts


def _times_words(line: TrialLine, policy: Policy) -> str:
    title = section_title(line.programme, policy)
    return f"{abs(line.more)} × {_rule_title(line.rule).lower()} on {title}"
