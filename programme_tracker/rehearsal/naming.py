"""What the file's names stand for in the database, both ways."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class NotThereError(Exception):
    """A name whose making the application refused, so that nothing bears it."""


class NameTakenError(Exception):
    """A name given to a second thing while the first bears it."""


@dataclass
class Register:
    """The ids of one sort of thing by name, and their names by id."""

    sort: str
    ids: dict[str, int] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)

    def add(self, name: str, key: int) -> None:
        """Give the thing with id ``key`` a name. Raises NameTakenError."""
        self.check_free(name)
        self.ids[name] = key
        self._names[key] = name

    def check_free(self, name: str) -> None:
        """Raise NameTakenError when something bears ``name``."""
        if name in self.ids:
            raise NameTakenError(f"there is a {self.sort} named {name} already")

    def id(self, name: str) -> int:
        """Return the id behind a name. Raises NotThereError."""
        if name not in self.ids:
            raise NotThereError(f"there is no {self.sort} {name}")
        return self.ids[name]

    def name(self, key: int | None) -> str | None:
        """Return the name of an id; one the file never named is its number after a ``#``."""
        return None if key is None else self._names.get(key, f"#{key}")


@dataclass
class Known:
    """Every name of a running rehearsal."""

    staff: Register = field(default_factory=lambda: Register("member of staff"))
    people: Register = field(default_factory=lambda: Register("person"))
    enrolments: Register = field(default_factory=lambda: Register("enrolment"))
    groups: Register = field(default_factory=lambda: Register("group"))
    sessions: Register = field(default_factory=lambda: Register("session"))
    #: The person each enrolment belongs to, by name.
    person_of: dict[str, str] = field(default_factory=dict)

    def names_of(self, detail: Mapping[str, object]) -> dict[str, str]:
        """Return staff, enrolment and session of an audit entry's ids by name, where it has them."""
        registers = {
            "staff": (self.staff, "staff_id"),
            "enrolment": (self.enrolments, "enrolment_id"),
            "session": (self.sessions, "session_id"),
        }
        found = {}
        for field_name, (register, key) in registers.items():
            number = detail.get(key)
            if isinstance(number, int):
                found[field_name] = register.name(number) or ""
        return found
