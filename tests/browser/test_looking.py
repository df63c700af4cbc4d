"""The look at a page sees what is wrong with one."""

from playwright.sync_api import Browser

from tests.browser.desk import DESKTOP, PHONE
from tests.browser.looking import Look
from tests.browser.watching import ZOOMED

GOOD = """<!doctype html><html lang="en"><title>Good</title><main><h1>Good</h1><h2>Part</h2>
<button>Press</button></main><style>button { min-height: 44px } button:focus { outline: 3px solid }</style>"""

BAD = """<!doctype html><html lang="en"><title>Bad</title><main><h1>One</h1><h1>Two</h1><h3>Skips</h3>
<button>Small</button><p style="width: 900px; color: #ccc">Wide and pale</p><div></div></main>
<style>button { height: 20px; padding: 0 } button:focus { outline: none }
div { transition: all 1s }</style>"""


def test_look_finds_what_is_wrong_and_nothing_else(browser: Browser) -> None:
    page = browser.new_page(reduced_motion="reduce", viewport=PHONE)
    look = Look()
    page.set_content(GOOD)
    look.at(page, "good", (PHONE, DESKTOP, ZOOMED), [390])
    assert look.complaints == []
    page.set_viewport_size(PHONE)
    page.set_content(BAD)
    look.at(page, "bad", (PHONE, DESKTOP, ZOOMED), [390])
    page.close()
    said = "\n".join(look.complaints)
    for fault in (
        "2 main headings",
        "“Skips” is of rank 3 after 1",
        "moves: <div>",
        "shows no focus: <button>",
        "20.0 px high: <button>",
        "axe color-contrast",
        "bad at 390 px: 908 of 390 px",
        "bad at 320 px: 908 of 320 px",
    ):
        assert fault in said, fault
    assert "bad at 1280 px" not in said
