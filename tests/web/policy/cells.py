"""Trying every cell of the table: who opens what, on whose record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.web.fuzz.pages import forms
from tests.web.fuzz.values import filled
from tests.web.policy.scene import Person, Scene
from tests.web.policy.table import Row, rows
from tests.web.policy.targets import Target

RELATIONS = ("own", "another's", "other side")

#: How many records are tried before a route counts as one that nobody opens.
PATIENCE = 60

#: What a form must hold before its page looks at the record at all.
FILLED = {
    "cases.sign": {"answer": "sign"},
    "week.no_show": {"token": "once"},
    "corrections.settle": {"about": "{session_id}"},
}

#: What an address must ask for, after its question mark.
ASKED = {
    "programmes.numbers": "code=another&title=Another&like=cara",
    "policies.check": "radar.sessions=21",
}

#: Routes that answer only what names something that is there: what that is stands on their own page.
LEARNT = {"bookings.book", "bookings.join", "catch_ups.named", "catch_ups.make", "group_places.transfer"}


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
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(target.args[found[1]]), row.address)
    return f"{path}?{ASKED[row.endpoint]}" if row.endpoint in ASKED else path


def pages_for(row: Row) -> list[Row]:
    """Return the pages that a route's form may stand on, the likeliest first."""
    mine = set(arguments(row))
    found = [one for one in rows() if one.method == "GET" and set(arguments(one)) <= mine]
    found = [one for one in found if any(one.cells[r] != "–" and row.cells[r] != "–" for r in row.cells)]
    return sorted(
        found,
        key=lambda one: (
            one.address != row.address,
            one.endpoint.split(".")[0] != row.endpoint.split(".")[0],
            -len(arguments(one)),
            -_common(one.address, row.address),
        ),
    )


def _common(one: str, other: str) -> int:
    both = zip(one.split("/"), other.split("/"), strict=False)
    return next((n for n, (a, b) in enumerate(both) if a != b), min(one.count("/"), other.count("/")) + 1)


def learnt(scene: Scene, row: Row) -> list[Target]:
    """Return a record whose page shows the route's form, with what the form sends; else none."""
    place, found = pages_for(row)[0], candidates(scene, row, is_learnt=False)
    for target in found[:PATIENCE]:
        for person in _allowed(scene, row, target):
            page = scene.ask(person, "GET", address(place, target))
            for form in forms(page.text, address(place, target)) if page.status_code == 200 else ():
                if form.method == "POST" and form.path == address(row, target):
                    return [
                        Target(target.args, {name: said[0] for name, said in filled(form.controls).items()})
                    ]
    return []


def opens(scene: Scene, row: Row, person: Person, target: Target) -> bool:
    """Tell whether a route answers somebody at all; absent must look like any absent page."""
    path = address(row, target)
    sent = {name: text.format(**target.args) for name, text in FILLED.get(row.endpoint, {}).items()}
    response = scene.ask(person, row.method, path, sent | target.sent)
    if response.status_code != 404:
        is_out = (response.location or "").startswith("/sign-in") and not row.endpoint.startswith("accounts.")
        assert not is_out, f"{person.name} was asked to sign in by {row.name}"
        return True
    assert scene.is_absent(person, response, row.method), f"{row.name} answers {person.name} in its own way"
    return False


_learnt: dict[tuple[int, str], list[Target]] = {}


def candidates(scene: Scene, row: Row, *, is_learnt: bool = True) -> list[Target]:
    """Return the records a route may be asked for; one without arguments has one."""
    names = arguments(row)
    found = scene.targets.get(names, []) if names else [Target({})]
    if not is_learnt or row.endpoint not in LEARNT or row.method == "GET":
        return found
    key = (id(scene), row.name)
    if key not in _learnt:
        _learnt[key] = named(row, found) or learnt(scene, row)
    return [*_learnt[key], *found]


def named(row: Row, found: list[Target]) -> list[Target]:
    """Return records with the groups that their form may name, whether a page shows one or not."""
    if row.endpoint != "bookings.join":
        return []
    return [Target(one.args, {"group": str(group)}) for one in found[:10] for group in range(1, 6)]


def probes(scene: Scene, row: Row) -> Iterator[Probe]:
    """Try a route as everybody, on records of every relation that somebody can open."""
    for person in scene.people:
        if row.cells[person.role] == "–" and person != scene.of_role(person.role)[0]:
            # A whole role is refused before anybody asks whose record it is.
            continue
        for relation, target in _to_try(scene, row, person):
            yield Probe(row, person, relation, target, opens(scene, row, person, target))


def _to_try(scene: Scene, row: Row, person: Person) -> Iterator[tuple[str, Target]]:
    """Return one record of each relation; for those refused everywhere one that others open will do."""
    if row.cells[person.role] == "–":
        found = candidates(scene, row)
        target = next((one for one in found[:PATIENCE] if opens_for_somebody(scene, row, one)), None)
        # Where nobody opens anything in this data, those shut out are shut out of anything.
        target = target or next(iter(found), None)
        if target is not None:
            yield scene.relation(person, row.kind, target), target
        return
    for relation in RELATIONS if row.cells[person.role] == "own" else RELATIONS[:1] + RELATIONS[2:]:
        target = working(scene, row, person, relation)
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
