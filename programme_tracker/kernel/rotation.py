"""Sealing old values anew with the newest key, while everything else goes on.

Small batches, each a transaction of its own, so nobody waits long; what is sealed with the newest
key already is left alone, so a run that was cut off is simply run again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, func, or_, select, update

from programme_tracker.kernel.database import Base, db
from programme_tracker.kernel.encryption import FieldKeys, field_keys
from programme_tracker.kernel.transaction import transaction

BATCH = 200

#: What a column's name ends in; the rest names the fact in the value's place.
SUFFIX = "_sealed"


@dataclass(frozen=True)
class Rotated:
    """How many values a table had that were not sealed with the newest key, and were."""

    table: str
    values: int


def sealed_columns() -> dict[Table, list[Column[str]]]:
    """Return every table with sealed columns, and which they are."""
    found = {
        table: [column for column in table.columns if column.info.get("sealed")]
        for table in Base.metadata.sorted_tables
    }
    return {table: columns for table, columns in found.items() if columns}


def still_old() -> dict[str, int]:
    """Count the values of each table that the newest key has not sealed."""
    keys = field_keys()
    counts: dict[str, int] = {}
    for table, columns in sealed_columns().items():
        for column in columns:
            counted = select(func.count()).select_from(table).where(_is_old(column, keys))
            counts[table.name] = counts.get(table.name, 0) + (db.session.scalar(counted) or 0)
    db.session.rollback()
    return counts


def _is_old(column: Column[str], keys: FieldKeys) -> ColumnElement[bool]:
    return column.is_not(None) & column.not_like(f"{keys.sealing_id}.%")


def rotate(
    *, batch: int = BATCH, told: Callable[[str, int], None] = lambda _table, _values: None
) -> list[Rotated]:
    """Seal every value anew that an older key has sealed; ``told`` hears of each batch.

    Raises SealError at a value that no key opens: nothing of its batch is changed then.
    """
    done = []
    for table, columns in sealed_columns().items():
        values = 0
        for sealed in _batches(table, columns, batch):
            values += sealed
            told(table.name, sealed)
        done.append(Rotated(table.name, values))
    return done


def _batches(table: Table, columns: list[Column[str]], batch: int) -> Iterator[int]:
    last = 0
    while True:
        with transaction():
            keys = field_keys()
            rows = db.session.execute(
                select(table.c.id, *columns)
                .where(table.c.id > last, or_(*(_is_old(column, keys) for column in columns)))
                .order_by(table.c.id)
                .limit(batch)
                .with_for_update()
            ).all()
            sealed = sum(_seal_anew(table, columns, row, keys) for row in rows)
        if not rows:
            return
        last = rows[-1].id
        yield sealed


def _seal_anew(table: Table, columns: list[Column[str]], row: Row[Any], keys: FieldKeys) -> int:
    changed = {}
    for column in columns:
        value: str | None = getattr(row, column.name)
        if value is None or value.startswith(f"{keys.sealing_id}."):
            continue
        place = f"{table.name}:{row.id}:{column.name.removesuffix(SUFFIX)}"
        changed[column.name] = keys.seal(keys.open(value, place), place)
    db.session.execute(update(table).where(table.c.id == row.id).values(**changed))
    return len(changed)
