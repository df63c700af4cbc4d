"""What every browser test may ask for: an installation with its staff, and a watch over its pages."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize

from programme_tracker.kernel.clock import SettableClock
from tests.browser.desk import SCREENS, Desk, sit_down
from tests.browser.serving import Installation, make_application, serving
from tests.browser.watching import Watch
from tests.factories.accounts import PASSWORD
from tests.factories.cases import Team, make_team
from tests.stores import Store

#: Sits a member of the team, by the name of the role in ``Team``, down at a browser and signs in.
SignsIn = Callable[[str], Desk]


@pytest.fixture
def installation(store: Store, clock: SettableClock, tmp_path: Path) -> Iterator[Installation]:
    """Serve the application on a database file of its own, without a case."""
    with serving(make_application(store.url, tmp_path, clock), clock) as running:
        yield running


@pytest.fixture
def team(installation: Installation) -> Team:
    """Add one member of staff of each role."""
    with installation.app.app_context():
        return make_team()


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest) -> ViewportSize:
    """Run the test on a phone and on a desktop."""
    return SCREENS[request.param]


@pytest.fixture
def watch(installation: Installation) -> Iterator[Watch]:
    """Watch every page of the test, and fail at its end with everything that was wrong."""
    watching = Watch(installation.address)
    yield watching
    watching.all_is_well()


@pytest.fixture
def signs_in(
    request: pytest.FixtureRequest,
    browser: Browser,
    installation: Installation,
    team: Team,
    watch: Watch,
    screen: ViewportSize,
) -> Iterator[SignsIn]:
    """Give each member of the team a browser of their own; a failure shows what they had before them."""
    desks: list[Desk] = []

    def sign_in(who: str) -> Desk:
        desk = sit_down(browser, watch, screen)
        desks.append(desk)
        desk.sign_in(installation.username_of(getattr(team, who)), PASSWORD)
        return desk

    yield sign_in
    done: pytest.TestReport | None = getattr(request.node, "rep_call", None)
    for desk in desks:
        if done is not None and done.failed:
            print(desk.page.url, desk.page.locator("body").aria_snapshot(), sep="\n")  # noqa: T201 - shows a failure
        desk.page.context.close()
