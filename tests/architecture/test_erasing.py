"""Whoever adds a column says what an erasure does with it."""

from typing import Any

from sqlalchemy import JSON, Column, Date, String

import programme_tracker.jobs.models  # noqa: F401 - its tables are looked at too
from programme_tracker.kernel.database import Base
from programme_tracker.workflows.erasing.columns import (
    BY_HAND,
    CHANGED,
    DELETED,
    KEPT,
    OF_NOBODY,
    OF_PARTNERS,
)
from programme_tracker.workflows.tables import load_models


def words(column: Column[Any]) -> bool:
    return isinstance(column.type, String | JSON | Date)


def test_every_column_of_words_was_thought_about() -> None:
    load_models()
    known = {f"{table}.{column}" for table, columns in CHANGED.items() for column in columns}
    known |= set(KEPT) | set(BY_HAND)
    whole = {*DELETED, *OF_PARTNERS, *OF_NOBODY}
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if words(column) and table.name not in whole and not column.foreign_keys
    }
    assert found - known == set(), "say in workflows/erasing/columns.py what an erasure does with these"
    assert {one for one in known if words_of(one)} - found == set()


def words_of(name: str) -> bool:
    table, column = name.split(".")
    return words(Base.metadata.tables[table].columns[column])
