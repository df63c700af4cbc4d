"""A form writes what it shows: names of columns and of fields that it does not show change nothing."""

import os

import pytest

from programme_tracker.kernel.database import Base
from tests.web.fuzz.surfaces import Surface, reach
from tests.web.fuzz.trial import send
from tests.web.fuzz.values import Example, filled
from tests.web.fuzz.world import Seen, World
from tests.web.policy.table import rows

IS_LONG = int(os.environ.get("TEST_EXAMPLES", "2")) > 20
UNSAFE = [
    row
    for row in rows()
    if row.method != "GET" and row.kind != "–" and not row.endpoint.startswith("webhooks.")
]

#: Fields that a later step of the same form shows, and that its view reads by hand.
OF_A_LATER_STEP: dict[str, set[str]] = {}

#: Rooms of which some form is known to be filled in well enough to write; others' own tests do that.
WRITES = {
    *("appointments", "bookings", "cases", "catch_ups", "contacts", "corrections", "enrolments", "gate"),
    *("groups", "leaving", "lost_texts", "message", "monitoring", "own_account"),
}

#: What programs call such columns, whether there are any here or not.
NAMES = {"role", "roles", "gate", "is_admin", "worker_id", "status", "id", "staff_id", "version", "actor"}

Writes = list[tuple[str, tuple[object, ...]]]


def column_names() -> set[str]:
    """Return the name of every column of every table."""
    return {column.name for table in Base.metadata.sorted_tables for column in table.columns}


@pytest.mark.parametrize("room", sorted({row.endpoint.split(".")[0] for row in UNSAFE}))
def test_names_of_columns_that_a_form_does_not_show_change_nothing(world: World, room: str) -> None:
    found, wrote = [], []
    for row in UNSAFE:
        if row.endpoint.split(".")[0] != room:
            continue
        surface = reach(world, row, is_thorough=IS_LONG)
        if surface is not None and surface.page:
            differs, did_write = difference(world, surface)
            wrote.append(did_write)
            found += [f"{row.name}: {one}" for one in differs]
    assert not found, "\n".join(found)
    assert any(wrote) or room not in WRITES, "no form here was filled in well enough to write anything"


def difference(world: World, surface: Surface) -> tuple[list[str], bool]:
    """Say what a body with more fields writes that the form alone does not, and whether it writes at all."""
    good = filled(surface.controls)
    once, again = (written(send(world, surface, Example("form", good))[1]) for _ in range(2))
    probe = send(world, surface, Example("form", good))[1]
    shown = set(surface.controls) | OF_A_LATER_STEP.get(surface.row.endpoint, set()) | {"csrf_token"}
    columns = {name: ["1"] for name in column_names() | NAMES if name not in shown}
    hidden = {name: (some or ["1"])[-1:] for name, some in probe.form_fields.items() if name not in shown}
    for extra in (columns | hidden, {name: text for name, text in columns.items() if name not in hidden}):
        with_more = written(send(world, surface, Example("form", good | extra))[1])
        if with_more or not once:
            break  # else the page refused what it had not asked for, and wrote nothing at all
    return unlike(once, again, with_more), bool(once)


def written(seen: Seen) -> Writes:
    """Return what was written; when somebody was last seen is not part of it."""
    return [one for one in seen.writes if "sign_in_sessions" not in one[0]]


def unlike(once: Writes, again: Writes, other: Writes) -> list[str]:
    """Return where ``other`` differs from ``once``; what differs each time is drawn by lot."""
    if [one[0] for one in once] != [one[0] for one in other]:
        # Fewer rows are a refusal of what the page had not asked for.
        known = {statement for statement, _ in once}
        return [f"writes besides: {statement[:160]}" for statement, _ in other if statement not in known]
    return [
        f"writes {after!r} instead of {before!r}: {statement[:160]}"
        for (statement, mine), (_, same), (_, theirs) in zip(once, again, other, strict=True)
        for before, twin, after in zip(mine, same, theirs, strict=True)
        if before == twin != after
    ]
