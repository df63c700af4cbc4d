"""The watch over the pages sees what it is there to see."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.desk import DESKTOP, Desk, sit_down
from tests.browser.serving import listening
from tests.browser.watching import Watch

_WHOLE = """<!doctype html><html lang="en-GB"><head><title>Whole</title><link rel="icon" href="data:,"></head>
<body><main><h1>Whole</h1>{}</main></body></html>"""

#: What may be wrong with a page, and how the complaint about it begins or goes on.
WRONG = {
    '<img src="data:,">': "axe image-alt",
    '<p style="color: #bbb">Pale</p>': "axe color-contrast",
    '<div style="width: 400px">Wide</div>': "scrolls sideways at 320 px",
    '<div style="width: 1400px">Wider</div>': "scrolls sideways at 1280 px",
    "<script>console.error('Alas')</script>": "console at",
    "<script>nothing.at.all()</script>": "script failed",
    '<script src="http://127.0.0.2:9/far.js"></script>': "asked another host",
    '<script src="/absent.js"></script>': "status 404",
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve pages by number: the first is well, each of the others is wrong in its own way."""
    app = Flask("wrong_pages")
    pages = ["<p>Well</p>", *WRONG]
    app.add_url_rule("/<int:number>", view_func=lambda number: _WHOLE.format(pages[number]))
    with listening(app) as found:
        yield found


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Desk]:
    found = sit_down(browser, Watch(address), DESKTOP)
    yield found
    found.page.context.close()


def _complaints(desk: Desk, number: int) -> list[str]:
    desk.page.goto(f"{desk.watch.home}/{number}", wait_until="networkidle")
    desk.watch.look(desk.page)
    return desk.watch.complaints


def test_look_at_page_that_is_well(desk: Desk) -> None:
    assert _complaints(desk, 0) == []
    desk.watch.all_is_well()


@pytest.mark.parametrize(("number", "said"), list(enumerate(WRONG.values(), start=1)))
def test_look_at_page_that_is_wrong(desk: Desk, number: int, said: str) -> None:
    assert any(said in complaint for complaint in _complaints(desk, number))
    with pytest.raises(AssertionError, match=said.split()[0]):
        desk.watch.all_is_well()
