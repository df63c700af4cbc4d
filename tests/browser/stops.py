"""Which pages the walk stops at: every address of docs/policy.md that answers somebody, from the scene."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import template_rendered
from sqlalchemy import select

from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.victim_safety.models import Partner
from programme_tracker.workflows.replying import receive_reply
from tests.web.policy.cells import address, candidates
from tests.web.policy.scene import NOW, Person, Scene
from tests.web.policy.table import Row, rows
from tests.web.policy.targets import Target, targets

#: How many records are tried before a page counts as one that the scene does not show.
PATIENCE = 40

#: Addresses whose pages differ by what they are asked for: each way is stopped at.
VARIED = {"help.page", "registers.show"}

#: Pages without words of their own, or that lead on at once.
LEADING_ON = {
    "accounts.home",
    "accounts.stay",
    "bootstrap.static",
    "cases.of_enrolment",
    "feeds.calendar",
    "health.live",
    "health.ready",
    "help.own",
    "offline.registers",
    "static",
}

#: Pages whose state the scene does not hold → the journey in a browser, or the tests, that show them.
ELSEWHERE = {
    "accounts.sign_in": "tests/browser/test_keyboard.py",
    "codes.give": "tests/browser/test_codes.py",
    "codes.set_up": "tests/browser/test_codes.py",
    "codes.show": "tests/browser/test_codes.py",
    "leaving.complete": "tests/web/leaving",
    "wordings.allow": "tests/web/wordings",
}


@dataclass(frozen=True)
class Stop:
    """One page as somebody opens it; with ``body`` it is what a form without answers brings back."""

    role: Role
    person: Person
    endpoint: str
    path: str
    templates: frozenset[str]
    body: str | None = None

    def __str__(self) -> str:
        is_form = self.body is not None and self.endpoint != "absent"
        return f"{self.path} as {self.person.name}" + (", sent empty" if is_form else "")


@contextmanager
def templates_of(scene: Scene) -> Iterator[list[str]]:
    """Gather the names of the templates that are rendered."""
    names: list[str] = []

    def note(_sender: object, template: object, **_given: object) -> None:
        names.append(str(getattr(template, "name", "")))

    with template_rendered.connected_to(note, scene.app):
        yield names


def filled(scene: Scene) -> Scene:
    """Bring about what some pages ask for: opened files, and texts that wait for somebody."""
    with scene.app.app_context():
        partners = list(db.session.scalars(select(Partner.id).order_by(Partner.id)))
        numbers = select(Participant.mobile).where(Participant.mobile.is_not(None)).order_by(Participant.id)
        mobiles = [str(one) for one in db.session.scalars(numbers.limit(6))]
        receive_reply(mobiles[2], "wrong number", now=NOW + timedelta(minutes=1))
        receive_reply(mobiles[4], "STOP", now=NOW + timedelta(minutes=2))
        receive_reply("+447700900998", "Who is this?", now=NOW + timedelta(minutes=3))
        found = targets()
        db.session.remove()
    safety = scene.of_role(Role.VICTIM_SAFETY)[0]
    client = scene.app.test_client()
    client.set_cookie("pt_sign_in", safety.token)
    for partner_id in partners:
        client.post(f"/partners/{partner_id}/open", data={"about": partner_id, "reason": "contact_due"})
    return replace(scene, targets=found)


def declared(role: Role, method: str) -> Iterator[Row]:
    """Return the rows of a role's own pages, in the order of the table."""
    for row in rows():
        is_page = row.endpoint not in LEADING_ON and not row.is_public
        if row.method == method and row.cells[role] != "–" and is_page:
            yield row


def stops_of(scene: Scene, role: Role, *, everyday: bool) -> list[Stop]:
    """Return where the walk of a role stops.

    Everyday each address is somebody's, by turns, so that all roles together open all of them;
    the first page and the help are everybody's. Otherwise a role stops at everything it may open,
    and at what each of its forms brings back when it is sent empty.
    """
    pages = [row for row in declared(role, "GET") if not everyday or _is_turn(scene, row, role)]
    found = [stop for row in pages for stop in _found(scene, row, role)]
    found.append(_absent(scene, role))
    if not everyday:
        found += [stop for row in declared(role, "POST") if (stop := _sent_empty(scene, row, role))]
    return found


def _is_turn(scene: Scene, row: Row, role: Role) -> bool:
    """Tell whose turn a page is: of those who may open it, the next one who finds anything there."""
    if row.endpoint in {"today.show", "people.enrolment"}:
        return True
    allowed = [one for one in Role if row.cells[one] != "–"]
    start = len(row.address) % len(allowed)
    order = [*allowed[start:], *allowed[:start]]
    return not any(_found(scene, row, before) for before in order[: order.index(role)])


_known: dict[tuple[int, str, Role], list[Stop]] = {}


def _found(scene: Scene, row: Row, role: Role) -> list[Stop]:
    """Return a page of an address for each way it may look, as somebody of a role opens it."""
    key = (id(scene), row.name, role)
    if key not in _known:
        _known[key] = _look_for(scene, row, role)
    return _known[key]


def _look_for(scene: Scene, row: Row, role: Role) -> list[Stop]:
    ways: dict[frozenset[str], Stop] = {}
    for person in scene.of_role(role):
        for target in candidates(scene, row)[:PATIENCE]:
            if not _is_theirs(scene, row, person, target):
                continue
            path = address(row, target)
            with templates_of(scene) as names:
                answer = scene.ask(person, "GET", path)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                ways.setdefault(frozenset(names), Stop(role, person, row.endpoint, path, frozenset(names)))
                if row.endpoint not in VARIED:
                    return list(ways.values())
    return list(ways.values())


def _absent(scene: Scene, role: Role) -> Stop:
    """Return the page that stands for one that is not there."""
    person, path = scene.of_role(role)[0], "/no-such-page"
    body = scene.ask(person, "GET", path).get_data(as_text=True)
    return Stop(role, person, "absent", path, frozenset({"errors/404.html"}), body)


def _sent_empty(scene: Scene, row: Row, role: Role) -> Stop | None:
    person = scene.of_role(role)[0]
    for target in candidates(scene, row)[:PATIENCE]:
        if not _is_theirs(scene, row, person, target):
            continue
        path = address(row, target)
        with templates_of(scene) as names:
            answer = scene.ask(person, "POST", path)
        if answer.status_code in {200, 422} and answer.mimetype == "text/html":
            return Stop(role, person, row.endpoint, path, frozenset(names), answer.text)
    return None


def _is_theirs(scene: Scene, row: Row, person: Person, target: Target) -> bool:
    return row.cells[person.role] == "all" or scene.relation(person, row.kind, target) == "own"
