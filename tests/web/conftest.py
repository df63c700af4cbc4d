"""What the tests of every room's pages may ask for."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event

from programme_tracker.kernel.database import db


@pytest.fixture
def queries_of(app: Flask) -> Callable[[Callable[[], object]], int]:
    """Give a function that counts the statements which something sends to the database."""

    def count(deed: Callable[[], object]) -> int:
        statements: list[object] = []

        def note(*given: object) -> None:
            if given[2] != "BEGIN":
                statements.append(given[2])

        db.session.expunge_all()
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            deed()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(statements)

    return count
