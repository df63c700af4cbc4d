"""Where each route can be reached: by whom, on which record, and with which fields."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.web.fuzz.pages import Control, Form, forms
from tests.web.fuzz.world import World
from tests.web.policy.cells import FILLED, LEARNT, address, candidates, pages_for
from tests.web.policy.scene import Person
from tests.web.policy.table import Row, rows
from tests.web.policy.targets import Target

#: How many records are tried before a route counts as one that nobody reaches.
PATIENCE = 400
#: Fields that a route reads without a form class.
READ_BY_HAND = {
    "bookings.join": ("group", "wait"),
    "catch_ups.named": ("session", "seen_version"),
    "accounts.demo_sign_in": ("username", "next"),
    "week.no_show": ("token",),
    "texts.person_dealt_with": ("seen",),
    "texts.number_dealt_with": ("seen",),
}

#: Routes that answer nothing but what names something that is there, and what they are sent.
SENT_WITH: dict[str, dict[str, str]] = {
    "accounts.demo_sign_in": {"username": "manager"},
    **FILLED,
}

#: Doors for programs, which send as JSON what a form of ours sends as fields: that form's route.
JSON_OF = {"offline.hand_in": "registers.submit"}


@dataclass(frozen=True)
class Surface:
    """One route that answers somebody: the address, the page its form stands on, and the form."""

    row: Row
    person: Person
    path: str
    page: str
    controls: dict[str, Control] = field(default_factory=dict)


def people_for(world: World, row: Row, target: Target) -> Iterator[Person]:
    """Return those whom the table lets in, who work with the record first."""
    for role, cell in row.cells.items():
        for person in world.scene.of_role(role) if cell != "–" else ():
            if cell == "all" or world.scene.relation(person, row.kind, target) == "own":
                yield person
                break


def _form(world: World, person: Person, page: str, path: str) -> Form | None:
    answer, _ = world.ask(person, "GET", page)
    if answer.status_code != 200 or answer.mimetype != "text/html":
        return None
    return next((one for one in forms(answer.text, page) if one.method == "POST" and one.path == path), None)


#: Routes that answer those who are half-way through signing in, and whom.
HALF_WAY = {
    "codes.give": ("code", "code"),
    "codes.set_up": ("app", "code"),
    "codes.make_recovery": ("done", "fresh-code"),
    "codes.change_app": ("done", "change-code"),
}


_reached: dict[str, Surface | None] = {}


def reach(world: World, row: Row, *, is_thorough: bool) -> Surface | None:
    """Find a record and a person whose page shows this route's form, or else whom the route answers; once."""
    if row.name not in _reached:
        _reached[row.name] = _reach(world, row, is_thorough=is_thorough)
    return _reached[row.name]


def _reach(world: World, row: Row, *, is_thorough: bool) -> Surface | None:
    if row.endpoint in HALF_WAY:
        who, name = HALF_WAY[row.endpoint]
        return Surface(row, world.half_way[who], row.address, "", {name: Control(name, "text")})
    if row.endpoint in JSON_OF:
        return _as_form(world, row, is_thorough=is_thorough)
    targets = candidates(world.scene, row)
    if row.endpoint in SENT_WITH:
        return _known(world, row, targets)
    known = _named(world, row, targets) if row.endpoint in LEARNT else None
    return known or _shown(world, row, targets, generosity=4 if is_thorough else 1)


def _named(world: World, row: Row, targets: list[Target]) -> Surface | None:
    """Reach a route that answers only a form which names something, on the records where one was found."""
    for target in targets:
        for person in people_for(world, row, target) if target.sent else ():
            reached = _answering(world, row, person, address(row, target), target.sent)
            if reached is not None:
                return reached
    return None


def _as_form(world: World, row: Row, *, is_thorough: bool) -> Surface | None:
    """Reach a door for programs with the fields of the form that sends the same."""
    form = next(one for one in rows() if one.endpoint == JSON_OF[row.endpoint] and one.method == "POST")
    found = reach(world, form, is_thorough=is_thorough)
    names = {name for name in (found.controls if found else {}) if name != "csrf_token"}
    if found is None or not names:
        return None
    target = next(one for one in candidates(world.scene, form) if address(form, one) == found.path)
    return Surface(row, found.person, address(row, target), "", {one: found.controls[one] for one in names})


def _shown(world: World, row: Row, targets: list[Target], generosity: int) -> Surface | None:
    """Find a page with the form; after some records that show none, one that the route answers will do."""
    places, answering = pages_for(row)[: 1 + generosity // 2], None
    for tried, target in enumerate(targets[:PATIENCE]):
        path = address(row, target)
        for person in people_for(world, row, target):
            for place in places:
                page = address(place, target)
                form = _form(world, person, page, path)
                if form is not None:
                    return Surface(row, person, path, page, form.controls)
            answering = answering or _answering(world, row, person, path)
        if answering is not None and tried >= generosity:
            return answering
    return answering


def _known(world: World, row: Row, targets: list[Target]) -> Surface | None:
    """Reach a route that answers only what names something that is there."""
    for target in targets:
        sent = {name: text.format(**target.args) for name, text in SENT_WITH[row.endpoint].items()}
        for person in people_for(world, row, target):
            reached = _answering(world, row, person, address(row, target), sent)
            if reached is not None:
                return reached
    return None


def _answering(
    world: World, row: Row, person: Person, path: str, sent: dict[str, str] | None = None
) -> Surface | None:
    """Reach a route whose form no page shows now: its fields are those that it reads."""
    answer, seen = world.ask(person, row.method, path, data=sent)
    if answer.status_code in {403, 404}:
        return None
    named = {name: Control(name, "text", choices=list(choices)) for name, choices in seen.form_fields.items()}
    more = {name: Control(name, "text") for name in READ_BY_HAND.get(row.endpoint, ())}
    more |= {name: Control(name, "text", text) for name, text in (sent or {}).items()}
    return Surface(row, person, path, "", named | more)
