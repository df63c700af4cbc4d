from collections.abc import Iterator
from pathlib import Path

import pytest

from programme_tracker.kernel.database import db
from tests.web.policy.scene import Scene, make_scene, shared_folder


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Give the invented data with everybody signed in; what a test writes is not kept."""
    folder: Path = tmp_path_factory.mktemp("scene")
    made = make_scene(folder, shared_folder(tmp_path_factory))
    yield made
    with made.app.app_context():
        db.session.remove()
        db.engine.dispose()
