"""Every unsafe route refuses whoever may use it, on what they may open, when the form's token is missing."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.web.policy.cells import address, candidates
from tests.web.policy.scene import Person, Scene, nothing_kept
from tests.web.policy.table import Row, rows
from tests.web.policy.targets import Target

#: Reviewed: unsafe routes that work without the forms' token. Callbacks that are signed, and no others.
WITHOUT_TOKEN = {"webhooks.inbound", "webhooks.status"}

SAFE = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def checked(scene: Scene) -> Iterator[Flask]:
    """Let forms' tokens be looked at, as in service."""
    scene.app.config["WTF_CSRF_ENABLED"] = True
    yield scene.app
    scene.app.config["WTF_CSRF_ENABLED"] = False


def somebody(scene: Scene, row: Row) -> tuple[Person, Target]:
    """Return somebody whom the table lets in, and a record that is theirs where it must be."""
    targets = candidates(scene, row) or [Target(dict.fromkeys(("message_id", "kind", "code"), 1))]
    for role in [*row.roles("all"), *row.roles("own")]:
        for person in scene.of_role(role):
            for target in targets:
                if row.cells[role] == "all" or scene.relation(person, row.kind, target) == "own":
                    return person, target
    # A page that nobody's record here opens still checks the token first.
    return scene.of_role([*row.roles("all"), *row.roles("own")][0])[0], targets[0]


def test_missing_token_is_what_refuses(scene: Scene, checked: Flask) -> None:
    taken = set()
    for row in rows():
        if row.method in SAFE:
            continue
        person, target = somebody(scene, row)
        client = checked.test_client()
        if not row.is_public:
            client.set_cookie("pt_sign_in", person.token)
        with nothing_kept():
            answer = client.open(address(row, target), method=row.method)
        if answer.status_code == 404 or "open too long" not in answer.text:
            taken.add(row.endpoint)
    assert taken == WITHOUT_TOKEN
    assert len({row.endpoint for row in rows() if row.method not in SAFE}) > 100
