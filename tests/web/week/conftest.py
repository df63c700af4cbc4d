"""What the tests of weeks start from."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.voluntary import Enrolled, enrolled


@pytest.fixture
def case(app: Flask) -> Iterator[Enrolled]:
    """Give a man on Baseline, inside an application context."""
    with app.app_context():
        yield enrolled()
