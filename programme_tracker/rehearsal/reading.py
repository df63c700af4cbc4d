"""A rehearsal file turned into a script, or an error that names file, line and field."""

from collections.abc import Mapping
from datetime import date, datetime

from programme_tracker.kernel.actor import Role
from programme_tracker.rehearsal import fields as f
from programme_tracker.rehearsal.fields import Field, Names
from programme_tracker.rehearsal.places import Item, load
from programme_tracker.rehearsal.policies import PROGRAMMES, read_policy
from programme_tracker.rehearsal.script import (
    ANY,
    CastMember,
    Line,
    PartnerEntry,
    Person,
    Script,
    Step,
)
from programme_tracker.rehearsal.vocabulary import EFFECTS, RISKS, VERBS, EffectWords

_TOP = (
    "title",
    "start",
    "until",
    "cast",
    "people",
    "timeline",
    "expect",
    "never",
    "policy",
    "staffing_checks",
)
_BORN = date(1985, 1, 1)
_BOUNDS = ("at", "before", "after")


def read_script(path: str) -> Script:
    """Read one file. Raises ScriptError naming file, line and field."""
    top = load(path)
    given = top.mapping()
    for name, item in given.items():
        if name not in _TOP:
            raise item.fault(f"unknown key; a file has {', '.join(_TOP)}")
    start, until = (_required(top, given, name).moment() for name in ("start", "until"))
    if until < start:
        raise given["until"].fault("is before start")
    cast = _cast(given.get("cast"))
    names = Names(cast=cast, programmes=PROGRAMMES)
    people = _people(given.get("people"), names)
    names.people = frozenset(people)
    timeline = _timeline(given.get("timeline"), names, start, until)
    return Script(
        path=path,
        title=given["title"].text() if "title" in given else path,
        start=start,
        until=until,
        policy=read_policy(given.get("policy"), staffing_checks=_staffing_checks(given)),
        cast=cast,
        people=people,
        timeline=timeline,
        expect=tuple(_line(item, names, counted=True) for item in _lines(given, "expect")),
        never=tuple(_line(item, names, counted=False) for item in _lines(given, "never")),
    )


def _required(top: Item, given: Mapping[str, Item], name: str) -> Item:
    if name not in given:
        raise Item(top.node, top.path, name).fault("is missing")
    return given[name]


def _staffing_checks(given: Mapping[str, Item]) -> bool:
    return "staffing_checks" in given and given["staffing_checks"].boolean()


def _lines(given: Mapping[str, Item], name: str) -> list[Item]:
    return given[name].entries() if name in given else []


def _cast(item: Item | None) -> dict[str, CastMember]:
    if item is None:
        return {}
    entries = item.mapping()
    names = Names(cast=dict.fromkeys(entries))  # type: ignore[arg-type]  # only the names count yet
    spec = {"role": Field(_roles), "deputy": Field(f.staff, required=False)}
    cast = {}
    for name, entry in entries.items():
        given = f.read_fields(entry, spec, names, "a member of the cast")
        deputy = given.get("deputy")
        if deputy == name:
            raise entry.fault("cannot be their own deputy")
        cast[name] = CastMember(name, given["role"], deputy, entry.line)
    return cast


def _roles(item: Item, names: Names) -> tuple[Role, ...]:
    """Read one role, or a list of two that one account may hold."""
    allowed = [role.value for role in Role]
    chosen = item.entries() if item.is_list else [item]
    roles = tuple(Role(one.choice(allowed)) for one in chosen)
    if len(roles) != 1 and set(roles) != {Role.FACILITATOR, Role.CASEWORKER}:
        raise item.fault("must be one role, or facilitator and caseworker together")
    return roles


def _people(item: Item | None, names: Names) -> dict[str, Person]:
    if item is None:
        return {}
    spec = {
        "born": Field(f.day, required=False),
        "mobile": Field(f.number_or_none, required=False),
        "risk": Field(f.one_of(*RISKS), required=False),
        "priority": Field(f.yes_or_no, required=False),
        "guardian": Field(f.guardian, required=False),
        "partner": Field(_partner, required=False),
    }
    people = {}
    for name, entry in item.mapping().items():
        given = f.read_fields(entry, spec, names, "a person")
        people[name] = Person(
            name=name,
            born=given.get("born", _BORN),
            mobile=given.get("mobile"),
            risk=given.get("risk", "medium"),
            priority=given.get("priority", False),
            guardian=given.get("guardian"),
            partner=given.get("partner"),
            line=entry.line,
        )
    return people


def _partner(item: Item, names: Names) -> PartnerEntry:
    spec = {
        "name": Field(f.text),
        "mobile": Field(f.number_or_none, required=False),
        "worker": Field(f.staff, required=False),
    }
    given = f.read_fields(item, spec, names, "partner")
    return PartnerEntry(given["name"], given.get("mobile"), given.get("worker"))


def _timeline(item: Item | None, names: Names, start: datetime, until: datetime) -> tuple[Step, ...]:
    """Read the lines in the order in which they happen, so that names are known when used."""
    if item is None:
        return ()
    timed = [(_moment_of(entry, start, until), entry) for entry in item.entries()]
    timed.sort(key=lambda pair: pair[0])
    return tuple(_step(at, entry, names) for at, entry in timed)


def _moment_of(entry: Item, start: datetime, until: datetime) -> datetime:
    given = entry.mapping()
    if "at" not in given:
        raise Item(entry.node, entry.path, f"{entry.field}.at").fault("is missing")
    at = given["at"].moment()
    if at < start:
        raise given["at"].fault("is before start")
    if at > until:
        raise given["at"].fault("is after until")
    return at


def _step(at: datetime, entry: Item, names: Names) -> Step:
    verbs = {name: item for name, item in entry.mapping().items() if name != "at"}
    for name, item in verbs.items():
        if name not in VERBS:
            raise item.fault(f"unknown verb; there are {', '.join(VERBS)}")
    if len(verbs) != 1:
        raise entry.fault(f"must have one verb, not {len(verbs)}")
    [(verb, item)] = verbs.items()
    if not item.is_mapping:
        raise item.fault(f"must be a mapping; {verb} takes {', '.join(VERBS[verb])}")
    asked = f.read_fields(item, VERBS[verb], names, verb)
    if verb == "change" and len(asked) == 1:
        raise item.fault("changes nothing; give mobile, risk, priority or guardian")
    return Step(at, verb, asked, entry.line)


def _line(entry: Item, names: Names, *, counted: bool) -> Line:
    given = entry.mapping()
    kinds = [name for name in given if name in EFFECTS]
    if len(kinds) != 1:
        unknown = [name for name in given if name not in (*_BOUNDS, "count")]
        if not kinds and unknown:
            raise given[unknown[0]].fault(f"unknown effect; there are {', '.join(EFFECTS)}")
        raise entry.fault(f"must name one effect, not {len(kinds)}")
    kind, words = kinds[0], EFFECTS[kinds[0]]
    allowed = (kind, *_BOUNDS, *words.fields, *(["count"] if counted else []))
    for name, item in given.items():
        if name not in allowed:
            raise item.fault(f"unknown field; {kind} takes {', '.join(allowed[1:])}")
    times = {name: _time_or_any(given[name]) for name in _BOUNDS if name in given}
    return Line(
        kind=kind,
        value=_value(given[kind], words),
        fields=_fields(given, words, names),
        count=given["count"].whole() if "count" in given else None,
        line=entry.line,
        **times,
    )


def _value(item: Item, words: EffectWords) -> str:
    if item.text() == ANY or words.values is None:
        return item.text()
    return item.choice(words.values)


def _fields(given: Mapping[str, Item], words: EffectWords, names: Names) -> dict[str, str]:
    return {
        name: ANY if item.text() == ANY else str(words.fields[name](item, names))
        for name, item in given.items()
        if name in words.fields
    }


def _time_or_any(item: Item) -> datetime | None:
    return None if item.text() == ANY else item.moment()
