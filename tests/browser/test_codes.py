"""The pages of sign-in codes, which demo mode does not have: for everybody, at every width."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from programme_tracker.app import create_app
from programme_tracker.config import load_settings
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from tests.browser.desk import DESKTOP, PHONE
from tests.browser.looking import Look
from tests.browser.serving import listening
from tests.browser.watching import ZOOMED, Watch
from tests.factories.accounts import PASSWORD, make_staff
from tests.stores import Store

SIZES = (PHONE, DESKTOP, ZOOMED)
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def service(store: Store, tmp_path: Path) -> Iterator[Flask]:
    """Give the application as it stands in service, where a code follows every password."""
    key = base64.b64encode(b"k" * 32).decode()
    environ = {
        "PT_DATABASE_URL": store.url,
        "PT_INSTANCE_PATH": str(tmp_path / "instance"),
        "PT_PUBLIC_URL": "http://localhost",
        "PT_SECRET_KEY": "s" * 40,
        "PT_FIELD_KEYS": f"k1:{key}",
        "PT_BLIND_INDEX_KEY": key,
        "PT_TWILIO_ACCOUNT_SID": "account",
        "PT_TWILIO_AUTH_TOKEN": "token",
        "PT_TWILIO_FROM": "+447700900000",
        "PT_CALLBACK_NUMBER": "01632 960999",
    }
    app = create_app(load_settings(environ), SettableClock(NOW))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_pages_of_codes_are_for_everybody(service: Flask, browser: Browser) -> None:
    with service.app_context():
        username = make_staff(Role.CASEWORKER).username
    with listening(service) as home:
        watch, look = Watch(home), Look()
        context = browser.new_context(locale="en-GB", reduced_motion="reduce", viewport=PHONE)
        watch.over(context)
        page = context.new_page()
        page.goto(home)
        _look(look, page)
        _enter(page, username)
        _look(look, page)
        secret = "".join(page.locator(".qr-key code").all_inner_texts()).replace(" ", "").replace("\n", "")
        _give(page, pyotp.TOTP(secret).at(NOW))
        page.get_by_role("heading", name="Your recovery codes").wait_for()
        _look(look, page)
        page.goto(f"{home}/account/codes/")
        _look(look, page)
        context.clear_cookies()
        page.goto(home)
        _enter(page, username)
        _look(look, page)
        context.close()
    assert watch.complaints + look.complaints == []


def _look(look: Look, page: Page) -> None:
    look.at(page, page.title(), SIZES, [PHONE["width"], DESKTOP["width"]])
    page.set_viewport_size(PHONE)


def _enter(page: Page, username: str) -> None:
    page.get_by_label("Sign-in name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def _give(page: Page, code: str) -> None:
    page.locator("main input[name=code]").fill(code)
    page.get_by_role("main").get_by_role("button").last.click()
    page.wait_for_load_state()
