import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from programme_tracker.kernel.database import db
from tests.web.fuzz.world import World
from tests.web.policy.scene import make_scene, shared_folder


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give the invented data, with a record for every route; every request finds the same rows."""
    shared = Path("/dev/shm")
    folder = tmp_path_factory.mktemp("fuzz")
    if os.access(shared, os.W_OK):
        # Thousands of times a database is put back: not on a disk, where there is another place.
        folder = shared / f"fuzz-{os.getpid()}"
        folder.mkdir()
    scene = make_scene(folder, shared_folder(tmp_path_factory))
    made = World(scene)
    try:
        yield made
    finally:
        with scene.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()


@pytest.fixture(autouse=True)
def without_a_line_for_each_request() -> Iterator[None]:
    """Let thousands of refused requests write no logs; other rooms' tests of this process read theirs."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
