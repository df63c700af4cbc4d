"""How the value of each kind of field is read and checked against the names of the file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from programme_tracker.rehearsal.places import Item
from programme_tracker.rehearsal.script import CastMember, GuardianEntry

OUTCOMES = (
    "attended",
    "attended_late",
    "left_early",
    "sent_home",
    "refused_late",
    "absent",
    "absent_unacceptable",
    "absent_acceptable",
    "excused_provider",
    "excused_suspended",
)
_ARRIVAL = re.compile(r"\d{1,2}:\d{2}")
_IN_GROUP = re.compile(r"(?P<group>.+)/[1-9]\d*")


@dataclass
class Names:
    """Every name a file has given so far, and what it names."""

    cast: Mapping[str, CastMember] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    programmes: tuple[str, ...] = ()
    enrolments: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)

    def has_session(self, name: str) -> bool:
        """Tell whether ``name`` is a session, or ``G/n`` of a group."""
        inside = _IN_GROUP.fullmatch(name)
        return name in self.sessions or (inside is not None and inside["group"] in self.groups)


Reader = Callable[[Item, Names], Any]


@dataclass(frozen=True)
class Field:
    """One field of a verb."""

    read: Reader
    required: bool = True


@dataclass(frozen=True)
class MarkEntry:
    """What a register line says: an outcome, or the local time of arrival."""

    outcome: str | None
    arrived: time | None = None
    reason: str | None = None
    evidence: str | None = None
    note: str | None = None


def read_fields(item: Item, spec: Mapping[str, Field], names: Names, what: str) -> dict[str, Any]:
    """Read a mapping by its specification. Raises ScriptError for a field unknown or missing."""
    given = item.mapping()
    for name, value in given.items():
        if name not in spec:
            raise value.fault(f"unknown field; {what} takes {', '.join(spec)}")
    for name, wanted in spec.items():
        if wanted.required and name not in given:
            raise Item(item.node, item.path, f"{item.field}.{name}").fault(f"is missing; {what} needs it")
    return {name: spec[name].read(value, names) for name, value in given.items()}


def text(item: Item, names: Names) -> str:
    """Read any text."""
    return item.text()


def yes_or_no(item: Item, names: Names) -> bool:
    """Read a YAML boolean."""
    return item.boolean()


def positive(item: Item, names: Names) -> int:
    """Read a whole number from 1."""
    return item.whole(1)


def moment(item: Item, names: Names) -> Any:
    """Read a London wall time."""
    return item.moment()


def day(item: Item, names: Names) -> Any:
    """Read a date."""
    return item.day()


def one_of(*words: str) -> Reader:
    """One of a fixed set of words."""
    return lambda item, names: item.choice(words)


def number_or_none(item: Item, names: Names) -> str | None:
    """Read a telephone number as written, or nothing for none."""
    return None if item.is_empty or item.text() == "none" else item.text()


def staff(item: Item, names: Names) -> str:
    """Read a name of the cast."""
    return _known(item, names.cast, "the cast")


def person(item: Item, names: Names) -> str:
    """Read a name of the people."""
    return _known(item, names.people, "the people")


def enrolment(item: Item, names: Names) -> str:
    """Read the name of an enrolment that a ``refer`` made."""
    return _known(item, names.enrolments, "the enrolments referred so far")


def group(item: Item, names: Names) -> str:
    """Read the name of a group."""
    return _known(item, names.groups, "the groups made so far")


def session(item: Item, names: Names) -> str:
    """Read the name of a session, or ``G/n`` of a group."""
    if not names.has_session(item.text()):
        raise _unknown(
            item, names.sessions | {f"{name}/1" for name in names.groups}, "the sessions made so far"
        )
    return item.text()


def programme(item: Item, names: Names) -> str:
    """Read the code of a programme."""
    return item.choice(names.programmes)


def some_staff(item: Item, names: Names) -> tuple[str, ...]:
    """Read a list of names of the cast."""
    if not item.is_list:
        raise item.fault("must be a list of names such as [fay]")
    return tuple(staff(entry, names) for entry in item.entries())


def new_enrolment(item: Item, names: Names) -> str:
    """Read a name for the enrolment this line makes."""
    names.enrolments.add(item.text())
    return item.text()


def new_session(item: Item, names: Names) -> str:
    """Read a name for the session this line makes."""
    names.sessions.add(item.text())
    return item.text()


def new_group(item: Item, names: Names) -> str:
    """Read a name for the group this line makes; its sessions are ``NAME/1`` and so on."""
    names.groups.add(item.text())
    return item.text()


def guardian(item: Item, names: Names) -> GuardianEntry:
    """Read a guardian: name, mobile and whether they consented."""
    spec = {
        "name": Field(text),
        "mobile": Field(number_or_none, required=False),
        "consent": Field(yes_or_no, required=False),
    }
    given = read_fields(item, spec, names, "guardian")
    return GuardianEntry(given["name"], given.get("mobile"), given.get("consent", False))


def outcomes(item: Item, names: Names) -> dict[str, MarkEntry]:
    """Read a register: for each enrolment an outcome, an arrival time, or an outcome with its reason."""
    found: dict[str, MarkEntry] = {}
    for name, value in item.mapping().items():
        if name not in names.enrolments:
            raise _unknown(value, names.enrolments, "the enrolments referred so far", name)
        found[name] = _mark(value, names)
    return found


def _mark(item: Item, names: Names) -> MarkEntry:
    if not item.is_mapping:
        return _outcome_or_arrival(item)
    given = read_fields(item, _MARK, names, "an outcome")
    first: MarkEntry = given.pop("outcome")
    return MarkEntry(first.outcome, first.arrived, **given)


def _outcome_or_arrival(item: Item, names: Names | None = None) -> MarkEntry:
    written = item.text()
    if not _ARRIVAL.fullmatch(written):
        return MarkEntry(item.choice(OUTCOMES))
    hour, _, minute = written.partition(":")
    try:
        return MarkEntry(None, arrived=time(int(hour), int(minute)))
    except ValueError:
        raise item.fault(f"{written!r} is not a time of day such as 18:44") from None


_MARK = {
    "outcome": Field(_outcome_or_arrival),
    "reason": Field(text, required=False),
    "evidence": Field(text, required=False),
    "note": Field(text, required=False),
}


def _known(item: Item, known: Mapping[str, Any] | frozenset[str] | set[str], where: str) -> str:
    if item.text() not in known:
        raise _unknown(item, known, where)
    return item.text()


def _unknown(item: Item, known: Any, where: str, name: str | None = None) -> Exception:
    there = ", ".join(sorted(known)) or "nobody and nothing"
    return item.fault(f"{name or item.text()!r} is not among {where}: {there}")
