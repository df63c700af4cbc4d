"""Every page of every role: at 390 px, at 1280 px and at 400 %.

The everyday walk opens every address once, by whom it is the turn of; ``make walk-pages`` opens
everything as everybody, and every form sent empty.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from tests.browser.desk import DESKTOP, PHONE
from tests.browser.looking import Look
from tests.browser.serving import listening
from tests.browser.stops import ELSEWHERE, Stop, declared, filled, stops_of
from tests.browser.watching import ZOOMED, Watch
from tests.web.policy.scene import Scene, make_scene, shared_folder

IS_LONG = os.environ.get("TEST_WALK") == "all"

SIZES = (PHONE, DESKTOP, ZOOMED)

#: Somebody who asked for less motion, and without what works in the background.
QUIET: dict[str, Any] = {
    "locale": "en-GB",
    "reduced_motion": "reduce",
    "viewport": PHONE,
    "service_workers": "block",
}

#: What the browser says of what was blocked.
BLOCKED = "Service Worker registration blocked by Playwright"

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Give the invented data, with what some pages ask for besides."""
    made = filled(make_scene(tmp_path_factory.mktemp("walk"), shared_folder(tmp_path_factory)))
    yield made
    with made.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def home(scene: Scene) -> Iterator[str]:
    """Serve the scene."""
    with listening(scene.app) as address:
        yield address


@pytest.mark.parametrize("role", Role)
def test_every_page_of_a_role(role: Role, scene: Scene, home: str, browser: Browser) -> None:
    watch, look = Watch(home), Look()
    stops = stops_of(scene, role, everyday=not IS_LONG)
    for person in {stop.person.name: stop.person for stop in stops}.values():
        context = browser.new_context(**QUIET)
        watch.over(context)
        context.add_cookies([{"name": "pt_sign_in", "value": person.token, "url": home}])
        _walk(context, home, [stop for stop in stops if stop.person == person], look)
        context.close()
    assert stops
    complaints = [one for one in watch.complaints if BLOCKED not in one] + look.complaints
    assert complaints == [], "\n" + "\n".join(complaints)


def _walk(context: BrowserContext, home: str, stops: list[Stop], look: Look) -> None:
    page = context.new_page()
    for number, stop in enumerate(stops):
        page.set_viewport_size(PHONE)
        _open(page, home, stop)
        if stop.body is None:
            look.weigh(page, str(stop))
        # A page at both widths costs half a minute more in all: everyday they take turns.
        widths = [size["width"] for size in SIZES] if IS_LONG else [SIZES[number % 2]["width"]]
        look.at(page, str(stop), SIZES, widths)


def _open(page: Page, home: str, stop: Stop) -> None:
    """Open a page, or show what a form brought back as if it had been sent from the browser."""
    if stop.body is None:
        page.goto(home + stop.path)
        return
    page.route(home + stop.path, lambda route: route.fulfill(body=stop.body, content_type="text/html"))
    page.goto(home + stop.path)
    page.unroute(home + stop.path)


def test_walks_stop_at_every_address(scene: Scene) -> None:
    opened = {stop.endpoint for role in Role for stop in stops_of(scene, role, everyday=True)}
    opened.discard("absent")
    wanted = {row.endpoint for role in Role for row in declared(role, "GET")}
    assert wanted - opened == set(ELSEWHERE) & wanted


@pytest.mark.parametrize("where", sorted(set(ELSEWHERE.values())))
def test_what_shows_the_others_is_there(where: str) -> None:
    assert (ROOT / where).exists()
