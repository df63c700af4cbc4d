"""Help: a page for each role, that everybody may read, with words that are on the pages."""

import re
from pathlib import Path

import pytest
from flask import Flask

from programme_tracker.kernel.actor import Role
from programme_tracker.web.help.routes import PICTURES, TITLES
from tests.factories.accounts import client_of, make_staff

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("role", Role)
def test_every_role_has_its_page_linked_from_the_frame(app: Flask, role: Role) -> None:
    with app.app_context():
        client = client_of(app, make_staff(role))
    page = client.get("/help/", follow_redirects=True)
    assert page.status_code == 200
    assert f"<h1>Help: {TITLES[role]}</h1>" in page.text
    assert 'href="/help/"' in client.get("/today").text
    for other in set(Role) - {role}:
        assert f'href="/help/{other.value}"' in page.text
        assert client.get(f"/help/{other.value}").status_code == 200
    assert client.get("/help/nobody").status_code == 404


def test_facilitator_and_caseworker_together_get_one_of_the_two(app: Flask) -> None:
    with app.app_context():
        client = client_of(app, make_staff(Role.CASEWORKER, also_role=Role.FACILITATOR))
    assert client.get("/help/").location == "/help/facilitator"


def test_help_needs_a_sign_in(app: Flask) -> None:
    assert "/sign-in" in (app.test_client().get("/help/").location or "")


def test_help_uses_the_words_of_the_pages() -> None:
    helps = sorted((ROOT / "templates" / "help").glob("*.html"))
    words = {
        word for page in helps for word in re.findall(r"<strong>([^<]+)</strong>", page.read_text("utf-8"))
    }
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "programme_tracker" / "web").rglob("*.py")]
    shown = "\n".join(page.read_text("utf-8") for page in pages if page.parent.name != "help")
    assert len(words) > 20
    assert sorted(word for word in words if word.replace("’", "'") not in shown.replace("’", "'")) == []


def test_every_picture_of_the_help_is_there_and_small() -> None:
    named = {picture.file for pictures in PICTURES.values() for picture in pictures}
    kept = {f"help/{path.name}" for path in (ROOT / "static" / "help").glob("*")}
    assert named == kept
    assert all((ROOT / "static" / name).stat().st_size < 48 * 1024 for name in named)
