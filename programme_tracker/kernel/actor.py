"""Who acts: carried by every write, kept by the audit trail."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account is for (product.md §1)."""

    FACILITATOR = "facilitator"
    CASEWORKER = "caseworker"
    VICTIM_SAFETY = "victim_safety"
    POLICE = "police"
    ENFORCEMENT = "enforcement"
    MANAGER = "manager"
    ADMIN = "admin"


@dataclass(frozen=True)
class Actor:
    """A member of staff, or the system itself (``staff_id`` None, no roles)."""

    staff_id: int | None
    name: str
    roles: frozenset[Role] = frozenset()

    def has(self, *roles: Role) -> bool:
        """Tell whether the actor holds any of ``roles``."""
        return any(role in self.roles for role in roles)

    @property
    def is_system(self) -> bool:
        """Tell whether this is the system acting by itself."""
        return self.staff_id is None


SYSTEM = Actor(staff_id=None, name="system")
