"""A version in the making, carried in the page's address: nothing is kept until it is saved.

Each changed number is one parameter, ``radar.consecutive_absences=3``; an empty one turns its rule
off. What equals the newest version is left out.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import time
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from programme_tracker.programmes.rules import GeneralPolicy, Policy, ProgrammePolicy
from programme_tracker.web.policies.settings import GENERAL, settings_of
from programme_tracker.workflows.policies import changed

#: Changed numbers by section; what ``make_version`` takes.
Changes = dict[str, dict[str, object]]

#: Never changed from one version to the next: a group does not become a one-to-one.
FIXED = frozenset({"form", "title"})


def kind_of(section: str) -> type[ProgrammePolicy] | type[GeneralPolicy]:
    """Return the dataclass whose fields a section is made of."""
    return GeneralPolicy if section == GENERAL else ProgrammePolicy


def part_of(policy: Policy, section: str) -> ProgrammePolicy | GeneralPolicy:
    """Return one section of a policy. Raises KeyError for one that is not there."""
    return policy.general if section == GENERAL else policy.programmes[section]


def read_draft(parameters: Mapping[str, str], base: Policy) -> Changes:
    """Return the changes that a page's address holds; what it cannot hold is left out."""
    changes: Changes = {}
    for name, text in parameters.items():
        section, _, key = name.partition(".")
        known = section == GENERAL or section in base.programmes
        if known and key in settings_of(section) and key not in FIXED:
            changes.setdefault(section, {})[key] = _read(get_type_hints(kind_of(section))[key], text)
    return changes


def write_draft(changes: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """Return changes as parameters of an address that ``read_draft`` reads back."""
    return {
        f"{section}.{key}": _write(value)
        for section, numbers in changes.items()
        for key, value in numbers.items()
    }


def with_section(changes: Changes, base: Policy, section: str, values: Mapping[str, object]) -> Changes:
    """Return ``changes`` with one section's numbers put in anew, without those that equal the base."""
    before = asdict(part_of(base, section))
    differing = {key: value for key, value in values.items() if value != before[key]}
    others = {name: numbers for name, numbers in changes.items() if name != section}
    return {**others, section: differing} if differing else others


def drafted(base: Policy, changes: Changes) -> Policy:
    """Return the policy that a draft comes to. Raises RefusedError for a number that does not fit."""
    return changed(base, changes)


def _read(hint: Any, text: str) -> object:
    """Return a parameter as its field's type where it can be; otherwise as it came, to be refused."""
    if get_origin(hint) is UnionType:
        return _read(get_args(hint)[0], text) if text else None
    if get_origin(hint) is tuple:
        return [_read(get_args(hint)[0], part) for part in text.split(",") if part]
    if hint is bool:
        return {"yes": True, "no": False}.get(text, text)
    if hint is int:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
    return text


def _write(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, list | tuple):
        return ",".join(str(one) for one in value)
    return value.value if isinstance(value, StrEnum) else str(value)
