"""Every route has its reviewed row in docs/policy.md, and the row says what the code says."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from tests.web.policy.table import CELLS, answered, holders_that_differ, marks_that_differ, rows


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Put the application together without a database behind it."""
    folder: Path = tmp_path_factory.mktemp("policy")
    app = create_app(load_settings({"PT_DEMO": "1", "PT_INSTANCE_PATH": str(folder)}))
    with app.app_context():
        yield app


def test_every_route_and_method_has_its_row_and_no_row_is_left_over(application: Flask) -> None:
    declared = {(row.address, row.method): row.endpoint for row in rows()}
    found = answered(application)
    assert {key: found[key] for key in found.keys() - declared.keys()} == {}, "add a row to docs/policy.md"
    assert declared.keys() - found.keys() == set(), "remove the row from docs/policy.md"
    assert declared == found


def test_every_row_stands_once_and_is_filled_in() -> None:
    counted = Counter((row.address, row.method) for row in rows())
    assert [key for key, times in counted.items() if times > 1] == []
    assert [row.name for row in rows() if not set(row.cells.values()) <= CELLS] == []
    assert [row.name for row in rows() if "<" in row.address and not row.kind] == []


@pytest.mark.usefixtures("application")
def test_every_view_asks_for_the_permission_of_its_row() -> None:
    assert marks_that_differ() == []


def test_every_permission_is_held_by_the_roles_of_its_rows_alone() -> None:
    assert holders_that_differ() == []
