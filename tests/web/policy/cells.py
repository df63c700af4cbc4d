"""Trying every cell of the table: who opens what, on whose record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.web.policy.scene import Person, Scene
from tests.web.policy.table import Row
from tests.web.policy.targets import Target

RELATIONS = ("own", "another's", "other side")

#: How many records are tried before a route counts as one that nobody opens.
PATIENCE = 60

#: What a form must hold before its page looks at the record at all.
FILLED = {
    "cases.sign": {"answer": "sign"},
}


@dataclass(frozen=True)
class Probe:
    """One person asking one route for one record."""

    row: Row
    person: Person
    relation: str
    target: Target
    is_open: bool

    @property
    def expected(self) -> bool:
        """Tell whether the table opens the route to this person here."""
        cell = self.row.cells[self.person.role]
        return cell == "all" or (cell == "own" and self.relation == "own")

    def __str__(self) -> str:
        state = "opens" if self.is_open else "does not open"
        return f"{self.row.name} {state} for {self.person.name}, {self.relation}: {self.target.args}"


def arguments(row: Row) -> tuple[str, ...]:
    """Return the names of a route's arguments, in order of name."""
    return tuple(sorted(re.findall(r"<(?:\w+:)?(\w+)>", row.address)))


def address(row: Row, target: Target) -> str:
    """Return the path of a route with its arguments filled in."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(target.args[found[1]]), row.address)


def opens(scene: Scene, row: Row, person: Person, target: Target) -> bool:
    """Tell whether a route answers somebody at all; absent must look like any absent page."""
    path = address(row, target)
    response = scene.ask(person, row.method, path, FILLED.get(row.endpoint))
    if response.status_code != 404:
        is_out = (response.location or "").startswith("/sign-in") and not row.endpoint.startswith("accounts.")
        assert not is_out, f"{person.name} was asked to sign in by {row.name}"
        return True
    assert scene.is_absent(person, response, row.method), f"{row.name} answers {person.name} in its own way"
    return False


def candidates(scene: Scene, row: Row) -> list[Target]:
    """Return the records a route may be asked for; one without arguments has one."""
    names = arguments(row)
    return scene.targets.get(names, []) if names else [Target({})]


def probes(scene: Scene, row: Row) -> Iterator[Probe]:
    """Try a route as everybody, on records of every relation that somebody can open."""
    for person in scene.people:
        for relation, target in _to_try(scene, row, person):
            yield Probe(row, person, relation, target, opens(scene, row, person, target))


def _to_try(scene: Scene, row: Row, person: Person) -> Iterator[tuple[str, Target]]:
    """Return one record of each relation; for those refused everywhere any that others open will do."""
    wanted = RELATIONS if row.cells[person.role] == "own" else RELATIONS[:1] + RELATIONS[2:]
    for relation in wanted:
        target = working(scene, row, person, relation)
        if target is None and row.cells[person.role] == "–" and relation == wanted[0]:
            # Nobody opens it in this data; those shut out are shut out of anything.
            target = next(iter(candidates(scene, row)), None)
        if target is not None:
            yield relation, target


def working(scene: Scene, row: Row, person: Person, relation: str) -> Target | None:
    """Return a record of this relation that the page opens for somebody who may; None when there is none."""
    tried = 0
    for target in candidates(scene, row):
        if scene.relation(person, row.kind, target) != relation:
            continue
        tried += 1
        if tried > PATIENCE:
            return None
        if opens_for_somebody(scene, row, target):
            return target
    return None


_known: dict[tuple[str, str, str], bool] = {}


def opens_for_somebody(scene: Scene, row: Row, target: Target) -> bool:
    """Tell whether anybody whom the table lets in opens the route on this record; asked once."""
    key = (str(id(scene)), row.name, str(target.args))
    if key not in _known:
        _known[key] = any(opens(scene, row, person, target) for person in _allowed(scene, row, target))
    return _known[key]


def _allowed(scene: Scene, row: Row, target: Target) -> Iterator[Person]:
    """Return one person of each role that the table lets open this record."""
    for role in [*row.roles("all"), *row.roles("own")]:
        for person in scene.of_role(role):
            if row.cells[role] == "all" or scene.relation(person, row.kind, target) == "own":
                yield person
                break
