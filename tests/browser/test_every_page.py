"""Every page that somebody can click to, by role, on the invented data: for everybody, at every width."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException

from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.messaging.providers import ConsoleProvider
from programme_tracker.web.navigation import NAVIGATION
from programme_tracker.workflows import demo
from tests.browser.desk import DESKTOP, PHONE, sit_down
from tests.browser.serving import Installation, make_application, serving
from tests.browser.watching import ZOOMED, Watch
from tests.stores import make_schema

#: A Thursday evening: the weekly group that meets on the day of loading has just begun.
NOW = datetime(2026, 11, 26, 18, 50, tzinfo=UTC)

#: How many pages of one kind are opened, for instance notices: of those that Today and the bar lead to,
#: and of those further off. Those first in a list are the gravest.
NEAR, FAR = 2, 1

#: Whom the demonstration signs in by which name.
USERNAMES = {
    Role.POLICE: "officer",
    Role.VICTIM_SAFETY: "safety",
    Role.CASEWORKER: "caseworker",
    Role.FACILITATOR: "facilitator",
    Role.ENFORCEMENT: "enforcement",
    Role.MANAGER: "manager",
    Role.ADMIN: "admin",
}


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Serve the invented data as of ``NOW``."""
    folder = tmp_path_factory.mktemp("demonstration")
    url, clock = f"sqlite:///{folder / 'demonstration.sqlite3'}", SettableClock(NOW)
    make_schema(url)
    app = make_application(url, folder, clock)
    with app.app_context():
        demo.load_if_empty(now=NOW, move_on=partial(advance, provider=ConsoleProvider()))
    with serving(app, clock) as running:
        yield running


@pytest.mark.parametrize("role", Role)
def test_every_page_of_a_role_is_for_everybody(
    role: Role, demonstration: Installation, browser: Browser
) -> None:
    watch = Watch(demonstration.address)
    desk = sit_down(browser, watch, DESKTOP)
    desk.sign_in(USERNAMES[role], demo.PASSWORD)
    seen = _walk(desk.page, demonstration, watch)
    desk.page.context.close()
    assert {endpoint for _, endpoint in NAVIGATION[role]} <= set(seen)
    watch.all_is_well()


def _walk(page: Page, demonstration: Installation, watch: Watch) -> Counter[str]:
    """Open what can be reached from Today, a few pages of each kind; count the kinds."""
    waiting, known = [("/today", True)], {"/today"}
    seen: Counter[str] = Counter()
    while waiting:
        path, is_near = waiting.pop(0)
        kind = _kind(demonstration, path)
        if seen[kind] >= (NEAR if is_near else FAR):
            continue
        seen[kind] += 1
        page.goto(demonstration.address + path)
        _look(page, watch, is_near)
        fresh = [one for one in _links(page, demonstration.address) if one not in known]
        known.update(fresh)
        waiting += [(one, path == "/today") for one in fresh]
    return seen


def _look(page: Page, watch: Watch, is_near: bool) -> None:
    """Look at a page on a phone, and zoomed in; on a desktop with axe too when it is near."""
    if is_near:
        watch.look(page, at_widths=())
    page.set_viewport_size(PHONE)
    watch.look(page, at_widths=(DESKTOP, ZOOMED))
    page.set_viewport_size(DESKTOP)
    headings = page.get_by_role("heading", level=1).count()
    if headings != 1:
        watch.complaints.append(f"{page.url} has {headings} main headings")


def _links(page: Page, address: str) -> list[str]:
    """Return the paths that the page leads to, in its order, each once."""
    found = page.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
    inside = (one.removeprefix(address).partition("#")[0] for one in found if one.startswith(address))
    return list(dict.fromkeys(path for path in inside if path))


def _kind(demonstration: Installation, path: str) -> str:
    """Name what answers a path, with the names of its questions."""
    parts = urlsplit(path)
    try:
        endpoint, _ = demonstration.app.url_map.bind("127.0.0.1").match(parts.path)
    except HTTPException:
        endpoint = re.sub(r"\d+", "1", parts.path)
    asked = sorted(parse_qs(parts.query))
    return "?".join((endpoint, *asked)) if asked else str(endpoint)
