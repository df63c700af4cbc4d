"""A parsed rehearsal file: what happens when, and what must and must not follow.

Times are naive London wall times without seconds, as the file writes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from programme_tracker.kernel.actor import Role
from programme_tracker.programmes.rules import Policy

#: In an expectation: any value will do.
ANY = "*"


class ScriptError(Exception):
    """A rehearsal file that cannot be read; names the file, the line and the field."""

    def __init__(self, path: str, line: int | None, field: str, message: str) -> None:
        self.path, self.line, self.field, self.message = path, line, field, message
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {field}: {message}" if field else f"{place}: {message}")


@dataclass(frozen=True)
class CastMember:
    """A member of staff."""

    name: str
    roles: tuple[Role, ...]
    deputy: str | None
    line: int


@dataclass(frozen=True)
class GuardianEntry:
    """The adult who gets a child's texts."""

    name: str
    mobile: str | None
    consent: bool


@dataclass(frozen=True)
class PartnerEntry:
    """A participant's partner, with the number that must never be texted as his."""

    name: str
    mobile: str | None
    worker: str | None


@dataclass(frozen=True)
class Person:
    """A participant."""

    name: str
    born: date
    mobile: str | None
    risk: str
    priority: bool
    guardian: GuardianEntry | None
    partner: PartnerEntry | None
    line: int


@dataclass(frozen=True)
class Step:
    """One line of the timeline: at a wall time, a verb with what it was given."""

    at: datetime
    verb: str
    asked: Mapping[str, Any]
    line: int


@dataclass(frozen=True)
class Line:
    """One expectation or prohibition; ``value`` and ``fields`` may be ``*``."""

    kind: str
    value: str
    fields: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    before: datetime | None = None
    after: datetime | None = None
    count: int | None = None
    line: int = 0


@dataclass(frozen=True)
class Script:
    """A whole file. ``timeline`` is in order of time; lines of one moment keep the file's order."""

    path: str
    title: str
    start: datetime
    until: datetime
    policy: Policy
    cast: Mapping[str, CastMember]
    people: Mapping[str, Person]
    timeline: tuple[Step, ...]
    expect: tuple[Line, ...]
    never: tuple[Line, ...]
