from collections.abc import Iterator

import pytest
from flask import Flask


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """Run a test inside the application's context."""
    with app.app_context():
        yield
