"""Each guard taken away in turn: a test of the table must notice.

The ordinary run takes one page of every kind; ``make mutation-guards`` takes every page.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import true

from programme_tracker.kernel.actor import Role
from programme_tracker.web import access
from programme_tracker.web.access import EVERYBODY, PERMISSIONS
from programme_tracker.workflows import visibility
from tests.web.policy.cells import Probe, opens, probes
from tests.web.policy.scene import Scene
from tests.web.policy.table import Row, holders_that_differ, marks_that_differ, rows

IS_LONG = os.environ.get("TEST_GUARDS") == "all"

#: Each object rule, and the kinds of record whose pages it guards.
RULES = {
    "may_see_enrolment": {"enrolment"},
    "may_see_session": {"session", "register"},
    "may_see_group": {"group"},
    "may_see_referral": {"referral"},
    "may_see_notice": {"notice"},
    "may_see_case": {"case", "monitoring"},
    "may_see_task": {"task"},
    "may_see_partner": {"partner"},
}


def guarded(row: Row, kinds: set[str]) -> bool:
    return row.kind in kinds and bool(row.roles("own"))


@contextmanager
def everywhere(name: str, put: Callable[..., Any]) -> Iterator[None]:
    """Put another function in the place of an object rule, wherever it was imported."""
    old = getattr(visibility, name)
    places = [
        module
        for module in list(sys.modules.values())
        if module.__name__.startswith("programme_tracker") and vars(module).get(name) is old
    ]
    try:
        for module in places:
            setattr(module, name, put)
        yield
    finally:
        for module in places:
            setattr(module, name, old)


def refused(scene: Scene, row: Row) -> list[Probe]:
    """Return what the table refuses to those who hold the permission, on records that others open."""
    return [
        probe
        for probe in probes(scene, row)
        if not probe.expected and row.cells[probe.person.role] == "own" and not probe.is_open
    ]


def test_every_object_rule_is_one_of_those_removed_here() -> None:
    assert {name for name in vars(visibility) if name.startswith("may_see_")} == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_object_rule_removed_opens_what_the_table_shuts(scene: Scene, rule: str) -> None:
    pages = [row for row in rows() if guarded(row, RULES[rule])]
    leaks: dict[str, list[str]] = {}
    for row in pages:
        if row.method != "GET" and not IS_LONG:
            continue
        shut = refused(scene, row)
        with everywhere(rule, lambda *_, **__: true()):
            leaks[row.name] = [str(probe) for probe in shut if opens(scene, row, probe.person, probe.target)]
        if leaks[row.name] and not IS_LONG:
            break
    assert any(leaks.values()), f"without {rule} no page of {sorted(RULES[rule])} opens to anybody more"


@pytest.mark.parametrize("endpoint", sorted({row.endpoint for row in rows() if not row.is_public}))
def test_view_without_its_mark_or_with_everybodys_is_noticed(scene: Scene, endpoint: str) -> None:
    view = scene.app.view_functions[endpoint]
    own = getattr(view, access._PERMISSION)
    try:
        with scene.app.app_context():
            for other in (None, "account.own" if own != "account.own" else "today.see"):
                setattr(view, access._PERMISSION, other)
                assert any(f" asks for {other}, not {own}" in fault for fault in marks_that_differ())
    finally:
        setattr(view, access._PERMISSION, own)


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_permission_given_to_others_or_taken_away_is_noticed(
    monkeypatch: pytest.MonkeyPatch, permission: str
) -> None:
    held = PERMISSIONS[permission]
    others = [held - {next(iter(held))}] + ([EVERYBODY] if held != EVERYBODY else [])
    for roles in others:
        monkeypatch.setitem(PERMISSIONS, permission, frozenset(roles))
        assert any(fault.startswith(f"{permission} is held by") for fault in holders_that_differ())


@pytest.fixture
def silent(scene: Scene) -> Iterator[Flask]:
    """Take the mark of the list of accounts away altogether."""
    view = scene.app.view_functions["staff.index"]
    own = getattr(view, access._PERMISSION)
    delattr(view, access._PERMISSION)
    yield scene.app
    setattr(view, access._PERMISSION, own)


@pytest.mark.usefixtures("silent")
def test_view_that_lost_its_mark_opens_to_nobody(scene: Scene) -> None:
    for role in Role:
        assert scene.ask(scene.of_role(role)[0], "GET", "/staff/").status_code == 404
