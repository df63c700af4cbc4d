"""A team with its programmes, for the pages of catch-ups."""

import pytest
from flask import Flask

from tests.factories.cases import Team, make_team


@pytest.fixture
def team(app: Flask) -> Team:
    """Give one member of staff of each role."""
    with app.app_context():
        return make_team()
