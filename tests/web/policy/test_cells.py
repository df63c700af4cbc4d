"""Every cell of docs/policy.md, tried as every role on one's own records and on others'."""

import re
from pathlib import Path

import pytest

from programme_tracker.kernel.actor import Role
from tests.web.policy.cells import probes
from tests.web.policy.scene import Scene
from tests.web.policy.table import Row, rows

#: What the invented data and demo mode cannot show, and which tests do.
SHOWN_ELSEWHERE = {
    "codes": "demo mode asks for no codes: tests/web/accounts/test_codes.py",
    "webhooks": "open to signed callbacks alone: tests/web/webhooks",
}


#: What the invented data holds for others alone, so that only those shut out are tried here; who may open
#: it is shown beside the page's own tests.
NOT_SHOWN = dict.fromkeys(
    (
        ("week.no_show", Role.FACILITATOR),
        ("appointment_moves.reschedule", Role.FACILITATOR),
        ("appointment_records.record", Role.FACILITATOR),
    ),
    "no facilitator runs a one-to-one there: tests/web/week",
)


ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("where", sorted({*SHOWN_ELSEWHERE.values(), *NOT_SHOWN.values()}))
def test_tests_named_for_what_is_not_shown_are_there(where: str) -> None:
    (named,) = re.findall(r"tests/[\w/.]+", where)
    files = [ROOT / named] if named.endswith(".py") else sorted((ROOT / named).glob("test_*.py"))
    assert any(file.is_file() and "def test_" in file.read_text(encoding="utf-8") for file in files)


def test_what_is_not_shown_is_in_the_table() -> None:
    endpoints = {row.endpoint for row in rows()}
    assert {endpoint for endpoint, _ in NOT_SHOWN} <= endpoints
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
        shown = {probe.person.role for probe in found if probe.is_open}
        for role in {*row.roles("all"), *row.roles("own")}:
            if (role in shown) == ((row.endpoint, role) in NOT_SHOWN):
                faults.append(
                    f"{row.name}: {'shown after all to' if role in shown else 'nothing to show'} {role}"
                )
    assert not faults, "\n".join(faults)
