"""Every cell of docs/policy.md, tried as every role on one's own records and on others'."""

import re
from pathlib import Path

import pytest

from tests.web.policy.cells import probes
from tests.web.policy.scene import Scene
from tests.web.policy.table import Row, rows

#: What the invented data and demo mode cannot show, and which tests do.
SHOWN_ELSEWHERE = {
    "codes": "demo mode asks for no codes: tests/web/accounts/test_codes.py",
    "webhooks": "open to signed callbacks alone: tests/web/webhooks",
}


#: Pages that ask for a state or an answer that the invented data does not hold, so that only those shut
#: out are tried here; who may open them is shown beside the page's own tests.
NOT_SHOWN = {
    "appointment_moves.reschedule": "tests/web/week/test_moving.py",
    "appointment_records.record": "tests/web/week/test_recording.py",
    "bookings.book": "tests/web/bookings",
    "bookings.join": "tests/web/bookings",
    "catch_ups.make": "tests/web/catch_ups",
    "catch_ups.named": "tests/web/catch_ups",
    "catch_ups.waive": "tests/web/catch_ups",
    "catch_ups.waived": "tests/web/catch_ups",
    "corrections.settle": "tests/web/registers/test_corrections.py",
    "programmes.numbers": "tests/web/policies",
    "tasks.show": "enforcement has no task in the invented data: tests/web/tasks",
    "tasks.finish": "enforcement has no task in the invented data: tests/web/tasks",
    "tasks.reopen": "enforcement has no task in the invented data: tests/web/notices/test_undo.py",
    "texts.number": "tests/web/texts",
    "texts.number_dealt_with": "tests/web/texts",
    "set_apart.dealt_with": "tests/web/texts",
    "set_apart.given_back": "tests/web/texts",
    "set_apart.show": "tests/web/texts",
    "lost_texts.decide": "tests/web/texts",
    "lost_texts.show": "tests/web/texts",
    "week.no_show": "tests/web/week",
    **dict.fromkeys(
        (
            "break_glass.open_all",
            "break_glass.show",
            "partner_files.also",
            "partner_files.changed",
            "partner_files.contact",
            "partner_files.dash",
            "partner_files.details",
            "partner_files.impact",
            "partner_files.not_participant",
            "partner_files.plan",
            "partners.close",
            "partners.open_one",
            "partners.show",
        ),
        "a file opens for a reason given before: tests/web/partners",
    ),
    **dict.fromkeys(
        (
            "wordings.allow",
            "wordings.change",
            "wordings.new",
            "wordings.take_back",
        ),
        "the address must name a wording: tests/web/wordings",
    ),
}


ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("where", sorted({*SHOWN_ELSEWHERE.values(), *NOT_SHOWN.values()}))
def test_tests_named_for_what_is_not_shown_are_there(where: str) -> None:
    (named,) = re.findall(r"tests/[\w/.]+", where)
    files = [ROOT / named] if named.endswith(".py") else sorted((ROOT / named).glob("test_*.py"))
    assert any(file.is_file() and "def test_" in file.read_text(encoding="utf-8") for file in files)


def test_what_is_not_shown_is_in_the_table() -> None:
    endpoints = {row.endpoint for row in rows()}
    assert set(NOT_SHOWN) <= endpoints
    assert set(SHOWN_ELSEWHERE) <= {endpoint.split(".")[0] for endpoint in endpoints}


def tried(row: Row) -> bool:
    return not row.is_public and row.endpoint.split(".")[0] not in SHOWN_ELSEWHERE


ROOMS = sorted({row.endpoint.split(".")[0] for row in rows() if tried(row)})


@pytest.mark.parametrize("room", ROOMS)
def test_every_cell_of_a_room_opens_for_those_it_names_alone(scene: Scene, room: str) -> None:
    faults = []
    for row in rows():
        if not tried(row) or row.endpoint.split(".")[0] != room:
            continue
        found = list(probes(scene, row))
        faults += [str(probe) for probe in found if probe.is_open != probe.expected]
        if row.endpoint in NOT_SHOWN:
            continue
        shown = {probe.person.role for probe in found if probe.is_open}
        faults += [
            f"{row.name}: nothing to show {role}" for role in {*row.roles("all"), *row.roles("own")} - shown
        ]
    assert not faults, "\n".join(faults)
