"""What the tests of registers without signal start from."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.cases import CaraCase, cara_case


@pytest.fixture
def case(app: Flask) -> Iterator[CaraCase]:
    """Give a man booked on both parts, inside an application context."""
    with app.app_context():
        yield cara_case()
