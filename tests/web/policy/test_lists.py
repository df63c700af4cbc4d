"""What lists show is what pages open: no link leads where its reader may not go, and none to another's."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from werkzeug.exceptions import HTTPException

from programme_tracker.kernel.actor import Role
from tests.web.policy.cells import arguments
from tests.web.policy.scene import Person, Scene
from tests.web.policy.table import Row, rows
from tests.web.policy.targets import Target

_LINK = re.compile(r'(?:href|action)="(/[^"#?]*)')

#: How many links to one kind of page are followed from one list.
FOLLOWED = 4


def lists(person: Person) -> Iterator[Row]:
    """Return the pages without a record in their address that somebody opens."""
    for row in rows():
        is_open = row.cells[person.role] != "–" and not row.is_public
        if row.method == "GET" and is_open and not arguments(row):
            yield row


def linked(scene: Scene, person: Person, page: str) -> Iterator[tuple[str, Row, Target]]:
    """Return the pages of records that a page links to: a few of each kind."""
    doors, known = scene.app.url_map.bind("localhost"), {(row.endpoint, row.method): row for row in rows()}
    counted: Counter[str] = Counter()
    answer = scene.ask(person, "GET", page)
    for path in dict.fromkeys(_LINK.findall(answer.get_data(as_text=True))):
        try:
            endpoint, args = doors.match(path, method="GET")
        except HTTPException:
            continue
        counted[endpoint] += 1
        if (
            args
            and not endpoint.endswith("static")
            and counted[endpoint] <= FOLLOWED
            and (endpoint, "GET") in known
        ):
            yield path, known[endpoint, "GET"], Target(dict(args))


@pytest.mark.parametrize("role", list(Role))
def test_lists_link_to_what_opens_and_never_to_anothers(scene: Scene, role: Role) -> None:
    faults, followed = [], set()
    for person in scene.of_role(role):
        for listed in lists(person):
            for path, row, target in linked(scene, person, listed.address):
                cell = row.cells[role]
                if cell == "own" and scene.relation(person, row.kind, target) != "own":
                    faults.append(f"{listed.address} shows {person.name} {path}, which is not theirs")
                if (person.name, path) in followed:
                    continue
                followed.add((person.name, path))
                if scene.ask(person, "GET", path).status_code == 404:
                    faults.append(f"{listed.address} leads {person.name} to {path}, which is absent")
    assert not faults, "\n".join(faults)
    assert followed or role is Role.ADMIN
