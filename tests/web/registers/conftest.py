"""What the tests of registers start from."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from programme_tracker.kernel.database import db
from tests.factories.cases import CaraCase, cara_case


@pytest.fixture
def case(app: Flask) -> Iterator[CaraCase]:
    """Give a man booked on both parts, inside an application context."""
    with app.app_context():
        yield cara_case()


@pytest.fixture
def sheet_of() -> Callable[[FlaskClient, int], dict[str, str]]:
    """Give a function that opens a register and returns its hidden fields."""

    def hidden(client: FlaskClient, session_id: int) -> dict[str, str]:
        page = client.get(f"/sessions/{session_id}/register").text
        return dict(re.findall(r'type="hidden" name="(about|seen_version|token)" value="([^"]+)"', page))

    return hidden


@pytest.fixture
def queries_of(app: Flask) -> Callable[[Callable[[], object]], int]:
    """Give a function that counts the statements which something sends to the database."""

    def count(deed: Callable[[], object]) -> int:
        statements: list[object] = []

        def note(*given: object) -> None:
            if str(given[2]).startswith("SELECT"):
                statements.append(given[2])

        db.session.expunge_all()
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            deed()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(statements)

    return count
