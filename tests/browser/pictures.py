"""The pictures of the README and of the help, taken from the invented data: ``make pictures``.

The clock stands, so that a picture changes only when the page does.
"""

import base64
import logging
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.messaging.providers import ConsoleProvider
from programme_tracker.workflows import demo
from tests.browser.serving import listening
from tests.chromium import chromium_path
from tests.stores import make_schema

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "docs" / "pictures"
HELP = ROOT / "static" / "help"

#: A Thursday evening: the weekly group that meets on the day of loading has just begun.
NOW = datetime(2026, 11, 26, 18, 50, tzinfo=UTC)

#: How tall a picture of the help is: the top of the page is enough to know it again.
PHONE = ViewportSize(width=390, height=844)
SHORT = ViewportSize(width=390, height=640)
DESKTOP = ViewportSize(width=1120, height=760)

#: Turns a picture into WebP, which weighs a third, with the browser's own means.
_AS_WEBP = """
async (source) => {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas.toDataURL("image/webp", 0.72);
}
"""


@contextmanager
def _demonstration() -> Iterator[str]:
    """Serve the invented data as of ``NOW`` and yield its address."""
    with tempfile.TemporaryDirectory() as folder, listening(_application(Path(folder))) as address:
        yield address


def _application(folder: Path) -> Flask:
    url = f"sqlite:///{folder / 'pictures.sqlite3'}"
    make_schema(url)
    environ = {"PT_DEMO": "1", "PT_DATABASE_URL": url, "PT_INSTANCE_PATH": str(folder)}
    app = create_app(load_settings(environ), SettableClock(NOW))
    with app.app_context():
        demo.load_if_empty(now=NOW, move_on=partial(advance, provider=ConsoleProvider()))
    return app


@dataclass(frozen=True)
class Picture:
    """One picture: who signs in, how they get there from Today, and where it is kept."""

    file: Path
    username: str
    go: Callable[[Page], None]
    size: ViewportSize = field(default_factory=lambda: SHORT)
    #: What stands at the top of the picture; the top of the page unless given.
    top: str | None = None


def _register(page: Page) -> None:
    """Open the weekly group's register, half filled in."""
    page.get_by_role("link", name=re.compile(r"^Open register.*evening group")).click()
    row = partial(page.get_by_role, "group")
    row(name="Arjun Legend").get_by_label("Attended", exact=True).check()
    row(name="Ben Dummy").get_by_label("Absent", exact=True).check()
    row(name="Kwame Demo").get_by_label("or arrived at").fill("18:41")


def _at(path: str) -> Callable[[Page], None]:
    """Go to a page by its address."""

    def go(page: Page) -> None:
        page.goto(re.sub(r"^(\w+://[^/]+).*", rf"\1{path}", page.url))

    return go


def _follow(*links: str) -> Callable[[Page], None]:
    """Follow links one after the other, each the first that begins so."""

    def go(page: Page) -> None:
        for link in links:
            page.get_by_role("main").get_by_role("link", name=re.compile(f"^{link}")).first.click()

    return go


def _first_monitored(page: Page) -> None:
    _at("/monitoring/")(page)
    page.get_by_role("main").get_by_role("link").first.click()


def _case(page: Page) -> None:
    _at("/cases/")(page)
    page.get_by_role("main").locator("a[href^='/cases/']").first.click()


def _notice(page: Page) -> None:
    _at("/notices/")(page)
    page.get_by_role("main").locator("a[href^='/notices/']").first.click()


PICTURES = (
    Picture(README / "register.png", "facilitator", _register, PHONE),
    Picture(README / "today.webp", "safety", _at("/today"), PHONE),
    Picture(README / "cautions.webp", "caseworker", _at("/cautions/"), DESKTOP),
    Picture(README / "case.webp", "safety", _case, PHONE),
    Picture(HELP / "facilitator-register.webp", "facilitator", _register),
    Picture(HELP / "caseworker-week.webp", "caseworker", _at("/week/"), top=".week-turn"),
    Picture(HELP / "caseworker-cautions.webp", "caseworker", _at("/cautions/"), top=".board"),
    Picture(HELP / "victim-safety-notice.webp", "safety", _notice),
    Picture(HELP / "victim-safety-case.webp", "safety", _case),
    Picture(HELP / "police-notice.webp", "officer", _notice),
    Picture(HELP / "enforcement-monitoring.webp", "enforcement", _first_monitored),
    Picture(HELP / "manager-overdue.webp", "manager", _at("/overdue/")),
    Picture(HELP / "admin-accounts.webp", "admin", _at("/staff/")),
)


def take_pictures() -> None:
    """Take every picture anew."""
    logging.disable(logging.WARNING)
    with _demonstration() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        for picture in PICTURES:
            _take(browser, address, picture)
        browser.close()


def _take(browser: Browser, address: str, picture: Picture) -> None:
    # Without motion nothing is caught half-way. The help's are lighter: somebody waits for them.
    scale = 2 if picture.file.suffix == ".png" else 1.5
    page = browser.new_page(
        viewport=picture.size,
        device_scale_factor=scale,
        locale="en-GB",
        reduced_motion="reduce",
        service_workers="block",
    )
    page.goto(address)
    page.get_by_label("Sign-in name").fill(picture.username)
    page.get_by_label("Password").fill(demo.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    picture.go(page)
    # The line above every page of the demonstration is not part of the product.
    page.evaluate("document.querySelector('.demo-banner')?.remove(); document.activeElement.blur()")
    top = page.locator(picture.top).bounding_box() if picture.top else None
    page.evaluate("(y) => scrollTo(0, y)", top["y"] - 8 if top else 0)
    picture.file.parent.mkdir(parents=True, exist_ok=True)
    drawn = page.screenshot()
    if picture.file.suffix == ".webp":
        source = f"data:image/png;base64,{base64.b64encode(drawn).decode()}"
        drawn = base64.b64decode(page.evaluate(_AS_WEBP, source).partition(",")[2])
    picture.file.write_bytes(drawn)
    page.close()


if __name__ == "__main__":
    take_pictures()
