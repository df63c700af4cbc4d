"""What every form writes: all of it or nothing, with its audit row, and only what the form shows."""

import os
from contextlib import nullcontext

import pytest

from programme_tracker.kernel.database import Base
from tests.web.fuzz.said import SAID
from tests.web.fuzz.surfaces import Surface, reach
from tests.web.fuzz.trial import asking_for_codes, send
from tests.web.fuzz.values import Example, filled
from tests.web.fuzz.world import Seen, World
from tests.web.policy.table import Row, rows

IS_LONG = int(os.environ.get("TEST_EXAMPLES", "1")) > 20
UNSAFE = [row for row in rows() if row.method != "GET" and not row.endpoint.startswith("webhooks.")]

#: Fields that a later step of the same form shows, and that its view reads by hand.
OF_A_LATER_STEP: dict[str, set[str]] = {}

#: Reviewed: forms that write nothing here, and why; whoever can be brought to write must not stand here.
NOT_WRITTEN: dict[str, str] = {
    "sending.resume": "nothing is paused: tests/web/texts",
    "holds.release": "nothing is held, or nothing else would go: tests/web/holds",
    "programmes.numbers": "more numbers than plain words fill in: tests/web/policies",
    "week.no_show": "no one-to-one waits for its register there: tests/web/week",
    "wordings.allow": "no word of a manager's is banned there: tests/web/wordings",
    "wordings.change": "the words shown are those that stand: tests/web/wordings",
    "texts.person_dealt_with": "not brought to write here: tests/web/texts",
    "wordings.new": "a draft travels in its address, wordings.change keeps it",
    "wordings.take_back": "no wording of a manager's is there: tests/web/wordings",
    "policies.change": "a draft travels in its address, policies.check keeps it",
    "programmes.new": "a draft travels in its address, programmes.numbers keeps it",
}

#: What lets the invented clock go on, item by item: each fails by itself and is tried again, as in service.
MOVES_ON = {"demo.move"}

#: Rows that hold no deed: when somebody was last seen, and the one row by which workers share a rate.
NO_DEEDS = {"sign_in_sessions", "sending_control"}

#: What programs call such columns, whether there are any here or not.
NAMES = {"role", "roles", "gate", "is_admin", "worker_id", "status", "id", "staff_id", "version", "actor"}

Writes = list[tuple[str, tuple[object, ...]]]


def column_names() -> set[str]:
    """Return the name of every column of every table."""
    return {column.name for table in Base.metadata.sorted_tables for column in table.columns}


@pytest.mark.parametrize("room", sorted({row.endpoint.split(".")[0] for row in UNSAFE}))
def test_form_writes_what_it_shows_and_nothing_without_its_audit_row(world: World, room: str) -> None:
    found = []
    for row in UNSAFE:
        if row.endpoint.split(".")[0] == room:
            with asking_for_codes() if room == "codes" else nullcontext():
                found += [f"{row.name} ({row.endpoint}): {one}" for one in wrongs(world, row)]
    assert not found, "\n".join(found)


def wrongs(world: World, row: Row) -> list[str]:
    """Say what is wrong with what one route writes."""
    surface = reach(world, row, is_thorough=IS_LONG)
    if surface is None:
        return ["nothing in the data reaches it"]
    good = filled(surface.controls) | {name: [text] for name, text in SAID.get(row.endpoint, {}).items()}
    answer, seen = send(world, surface, Example("form", good))
    once = written(seen)
    if not once:
        known = NOT_WRITTEN.get(row.endpoint)
        return [] if known else [f"nothing is written, {answer.status_code}: {sorted(good)}"]
    if row.endpoint in NOT_WRITTEN:
        return ["does write: take it off the list"]
    more = more_than_shown(world, surface, good, once)
    return more if row.endpoint in MOVES_ON else [*without_trail(world, surface, good), *more]


def without_trail(world: World, surface: Surface, good: dict[str, list[str]]) -> list[str]:
    """Say what stays, and what is answered, when the trail cannot be written."""
    with world.trail_is_down():
        answer, seen = send(world, surface, Example("form", good))
    kept = [tables - NO_DEEDS for tables in seen.commits]
    found = [f"keeps {sorted(tables)} though its audit row failed" for tables in kept if tables]
    return found + (
        [f"answers {answer.status_code} though nothing was kept"] if answer.status_code != 500 else []
    )


def more_than_shown(world: World, surface: Surface, good: dict[str, list[str]], once: Writes) -> list[str]:
    """Say what a body with more fields writes that the form alone does not."""
    again = send(world, surface, Example("form", good))[1]
    shown = set(surface.controls) | OF_A_LATER_STEP.get(surface.row.endpoint, set()) | {"csrf_token"}
    columns = {name: ["1"] for name in column_names() | NAMES if name not in shown | set(good)}
    hidden = {
        name: (some or ["1"])[-1:]
        for name, some in again.form_fields.items()
        if name not in shown | set(good)
    }
    for extra in (columns | hidden, {name: text for name, text in columns.items() if name not in hidden}):
        with_more = written(send(world, surface, Example("form", good | extra))[1])
        if with_more:
            break  # else the page refused what it had not asked for, and wrote nothing at all
    return unlike(once, written(again), with_more)


def written(seen: Seen) -> Writes:
    """Return what was written; when somebody was last seen is not part of it."""
    return [one for one in seen.writes if not any(name in one[0] for name in NO_DEEDS)]


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
