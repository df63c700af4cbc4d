"""The reviewed table of ``docs/policy.md``, read."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask

from programme_tracker.kernel.actor import Role
from programme_tracker.web.access import PERMISSIONS, is_public, permission_needed

FILE = Path(__file__).resolve().parents[3] / "docs" / "policy.md"

COLUMNS = (
    Role.FACILITATOR,
    Role.CASEWORKER,
    Role.VICTIM_SAFETY,
    Role.POLICE,
    Role.ENFORCEMENT,
    Role.MANAGER,
    Role.ADMIN,
)
CELLS = {"all", "own", "–"}


@dataclass(frozen=True)
class Row:
    """One route and method, and what each role may do there."""

    address: str
    method: str
    endpoint: str
    permission: str
    kind: str
    cells: dict[Role, str]

    @property
    def name(self) -> str:
        """The row as faults name it."""
        return f"{self.method} {self.address}"

    @property
    def is_public(self) -> bool:
        """Tell whether people who are not signed in may come here."""
        return self.permission == "public"

    def roles(self, cell: str) -> list[Role]:
        """Return the roles whose cell says so."""
        return [role for role, said in self.cells.items() if said == cell]


@cache
def rows() -> tuple[Row, ...]:
    """Return every row of the table of routes."""
    found = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5 + len(COLUMNS) and cells[0].startswith("/"):
            address, method, endpoint, permission, kind, *said = cells
            found.append(
                Row(address, method, endpoint, permission, kind, dict(zip(COLUMNS, said, strict=True)))
            )
    return tuple(found)


def answered(app: Flask) -> dict[tuple[str, str], str]:
    """Return every address and method that the application answers, and with which view."""
    return {
        (rule.rule, method): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def marks_that_differ() -> list[str]:
    """Say which views ask for another permission than their row, or for none; needs a context."""
    found = []
    for row in rows():
        asked = "public" if is_public(row.endpoint) else permission_needed(row.endpoint)
        if asked != row.permission:
            found.append(f"{row.name} asks for {asked}, not {row.permission}")
    return found


def holders_that_differ() -> list[str]:
    """Say which permissions other roles hold than those that their rows let in."""
    allowed = {permission: set[Role]() for permission in PERMISSIONS}
    for row in rows():
        if not row.is_public:
            allowed[row.permission] |= {*row.roles("all"), *row.roles("own")}
    return [
        f"{permission} is held by {sorted(PERMISSIONS[permission])}, its rows say {sorted(roles)}"
        for permission, roles in allowed.items()
        if roles != PERMISSIONS[permission]
    ]
