"""The README's pictures, taken from the invented data on a phone: ``python -m tests.browser.pictures``.

The clock stands, so that a picture changes only when the page does.
"""

import logging
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, ViewportSize, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.jobs.timeline import advance
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.messaging.providers import ConsoleProvider
from programme_tracker.workflows import demo
from tests.chromium import chromium_path
from tests.stores import make_schema

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"

#: A Thursday evening: the weekly group that meets on the day of loading has just begun.
NOW = datetime(2026, 11, 26, 18, 50, tzinfo=UTC)

PHONE = ViewportSize(width=390, height=844)


class _Silent(WSGIRequestHandler):
    """Answers without telling the terminal."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def _demonstration() -> Iterator[str]:
    """Serve the invented data as of ``NOW`` and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        app = _application(Path(folder))
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _application(folder: Path) -> Flask:
    url = f"sqlite:///{folder / 'pictures.sqlite3'}"
    make_schema(url)
    environ = {"PT_DEMO": "1", "PT_DATABASE_URL": url, "PT_INSTANCE_PATH": str(folder)}
    app = create_app(load_settings(environ), SettableClock(NOW))
    with app.app_context():
        demo.load_if_empty(now=NOW, move_on=partial(advance, provider=ConsoleProvider()))
    return app


def _register(page: Page) -> None:
    """Take the weekly group's register half filled in."""
    page.get_by_role("link", name=re.compile(r"^Open register.*evening group")).click()
    row = partial(page.get_by_role, "group")
    row(name="Arjun Legend").get_by_label("Attended", exact=True).check()
    row(name="Ben Dummy").get_by_label("Absent", exact=True).check()
    row(name="Kwame Demo").get_by_label("or arrived at").fill("18:41")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.screenshot(path=FOLDER / "register.png")


#: Each picture: its sign-in, and how to get there from Today.
PICTURES = (("facilitator", _register),)


def take_pictures() -> None:
    """Take every picture anew."""
    logging.disable(logging.WARNING)
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = chromium_path()
    with _demonstration() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for username, take in PICTURES:
            # Without motion nothing is caught half-way.
            page = browser.new_page(
                viewport=PHONE, device_scale_factor=2, has_touch=True, locale="en-GB", reduced_motion="reduce"
            )
            page.goto(address)
            page.get_by_label("Sign-in name").fill(username)
            page.get_by_label("Password").fill(demo.PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            take(page)
        browser.close()


if __name__ == "__main__":
    take_pictures()
