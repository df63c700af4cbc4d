"""A row in every table about one participant, each personal column holding what can be found again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, Table, insert, or_, select, update

from programme_tracker.kernel.database import Base, UtcDateTime, db
from programme_tracker.kernel.transaction import transaction

#: What stands in every personal column of words, with a number behind it.
TOKEN = "Quillfeather"
BORN_ON = date(1987, 3, 19)
NUMBER = "+447700900987"
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)

#: Columns that name a row of another table without saying so to the database.
LOOSE = {"participant_id": "participants", "enrolment_id": "enrolments", "message_id": "messages"}

#: Tables of which one row serves many people.
SHARED = {"sessions", "groups", "staff", "venues", "programmes", "policy_versions", "audit_entries"}

_numbers = count()


def points_to(column: Column[Any]) -> str | None:
    """Return the table that a column names a row of."""
    for key in column.foreign_keys:
        return str(key.column.table.name)
    return LOOSE.get(column.name)


def rows_about(participant_id: int) -> dict[str, set[Any]]:
    """Return the rows of every table that hang on a participant, however far away, by table and key."""
    known: dict[str, set[Any]] = {"participants": {participant_id}}
    grown = True
    while grown:
        grown = False
        for table in Base.metadata.sorted_tables:
            if table.name in SHARED or table.name == "participants" or "id" not in table.columns:
                continue
            hangs_on = [
                column.in_(known[name])
                for column in table.columns
                if (name := points_to(column)) in known and name not in SHARED
            ]
            found = set(db.session.scalars(select(table.c.id).where(or_(*hangs_on)))) if hangs_on else set()
            grown = grown or found - known.get(table.name, set()) != set()
            if found:
                known[table.name] = known.get(table.name, set()) | found
    return known


def token() -> str:
    """Return words that stand nowhere else."""
    return f"{TOKEN}{next(_numbers)}"


def _value(column: Column[Any], known: dict[str, set[Any]]) -> Any:
    name = points_to(column)
    if name is not None:
        return min(known[name]) if known.get(name) else None
    kind = column.type
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return next(iter(kind.enum_class))
    simple: dict[type, Any] = {Boolean: False, Integer: 1, Date: NOW.date(), JSON: {}}
    if isinstance(kind, UtcDateTime):
        return NOW
    return next((value for one, value in simple.items() if isinstance(kind, one)), f"x{next(_numbers)}")


def fill(participant_id: int, others: dict[str, set[Any]], without: set[str]) -> None:
    """Add a row to every table that may hold something about a participant and holds nothing yet."""
    with transaction():
        for table in Base.metadata.sorted_tables:
            known = others | rows_about(participant_id)
            about = [name for c in table.columns if (name := points_to(c)) and name not in SHARED]
            if table.name in without | SHARED | set(known) or not about or "id" not in table.columns:
                continue
            values = {c.name: _value(c, known) for c in table.columns if not c.primary_key}
            db.session.execute(insert(table).values(**values))


def stamp(participant_id: int, columns: Iterator[tuple[Table, Column[Any]]]) -> int:
    """Write something to find into these columns of every row about a participant; return how many."""
    known, written = rows_about(participant_id), 0
    with transaction():
        for table, column in columns:
            for key in known.get(table.name, ()):
                value: Any = token()
                if isinstance(column.type, Date):
                    value = BORN_ON
                elif isinstance(column.type, JSON):
                    value = {"said": token()}
                elif isinstance(column.type, UtcDateTime):
                    continue
                db.session.execute(update(table).where(table.c.id == key).values({column.name: value}))
                written += 1
    return written
