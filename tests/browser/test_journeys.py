"""Each role's main journey by keyboard alone, in no more touches than it took."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from tests.browser.journeys import FILE, JOURNEYS, Journey, measure
from tests.browser.serving import listening
from tests.web.policy.scene import Scene, make_scene, shared_folder


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Give the invented data, for these journeys alone."""
    made = make_scene(tmp_path_factory.mktemp("journeys"), shared_folder(tmp_path_factory))
    yield made
    with made.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def home(scene: Scene) -> Iterator[str]:
    """Serve the scene."""
    with listening(scene.app) as address:
        yield address


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda one: one.role.value)
def test_journey_by_keyboard_alone(journey: Journey, scene: Scene, home: str, browser: Browser) -> None:
    assert measure(journey, scene, home, browser).taps <= journey.most_taps


def test_every_role_has_its_journey_and_it_is_written_down() -> None:
    assert {journey.role for journey in JOURNEYS} == set(Role)
    written = FILE.read_text(encoding="utf-8")
    assert [journey.title for journey in JOURNEYS if f"| {journey.title} |" not in written] == []
