import re
from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from programme_tracker.kernel.actor import Role
from programme_tracker.web import BLUEPRINTS, access
from programme_tracker.web.access import (
    EVERYBODY,
    PERMISSIONS,
    is_public,
    permission_needed,
    public,
    requires,
)
from programme_tracker.web.navigation import MOST, NAVIGATION
from tests.factories.accounts import client_of, make_staff

#: Reviewed: everything that answers somebody who is not signed in.
PUBLIC = {
    "static",
    "bootstrap.static",
    "health.live",
    "health.ready",
    "webhooks.inbound",
    "webhooks.status",
    "accounts.sign_in",
    "accounts.demo_sign_in",
    "offline.worker",
    "offline.page",
    "feeds.calendar",
}


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """Run a test inside the application's context."""
    with app.app_context():
        yield


@pytest.mark.usefixtures("context")
def test_every_endpoint_is_public_or_asks_for_a_known_permission(app: Flask) -> None:
    undeclared = {
        endpoint
        for endpoint in app.view_functions
        if not is_public(endpoint) and permission_needed(endpoint) not in PERMISSIONS
    }
    assert undeclared == set()


@pytest.mark.usefixtures("context")
def test_public_endpoints_are_the_reviewed_ones(app: Flask) -> None:
    assert {endpoint for endpoint in app.view_functions if is_public(endpoint)} == PUBLIC


@pytest.mark.usefixtures("context")
def test_every_permission_is_somebodys_and_is_asked_for(app: Flask) -> None:
    asked = {permission_needed(endpoint) for endpoint in app.view_functions}
    assert set(PERMISSIONS) - asked == set()
    assert all(roles and roles <= EVERYBODY for roles in PERMISSIONS.values())


def test_every_module_with_routes_is_listed() -> None:
    from programme_tracker.kernel.assets import _PACKAGE

    found = {
        ".".join(path.relative_to(_PACKAGE.parent).with_suffix("").parts)
        for path in (_PACKAGE / "web").rglob("*.py")
        if re.search(r"^bp = Blueprint\(", path.read_text(), re.MULTILINE)
    }
    assert found == set(BLUEPRINTS)


@pytest.fixture
def doors(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Give the application with a view that says nothing, one for police, and one with a typing slip."""
    bp = Blueprint("doors", __name__)
    monkeypatch.setitem(access.PERMISSIONS, "test.police", frozenset({Role.POLICE}))
    bp.get("/doors/silent")(lambda: "silent")
    bp.add_url_rule(
        "/doors/police", "police", requires("test.police")(lambda: "police"), methods=["GET", "POST"]
    )
    bp.add_url_rule("/doors/slip", "slip", requires("test.polcie")(lambda: "slip"))
    app.register_blueprint(bp)
    return app


def as_role(app: Flask, role: Role) -> FlaskClient:
    with app.app_context():
        return client_of(app, make_staff(role))


@pytest.mark.parametrize("role", list(Role))
def test_view_that_says_nothing_is_refused_to_every_role(doors: Flask, role: Role) -> None:
    client = as_role(doors, role)
    assert client.get("/doors/silent").status_code == 404
    assert client.get("/doors/slip").status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_view_is_open_to_those_with_its_permission_alone(doors: Flask, role: Role) -> None:
    expected = 200 if role is Role.POLICE else 404
    client = as_role(doors, role)
    assert client.get("/doors/police").status_code == expected
    assert client.post("/doors/police").status_code == expected


def test_forbidden_and_absent_answer_alike(doors: Flask) -> None:
    client = as_role(doors, Role.FACILITATOR)

    def seen(response: TestResponse) -> str:
        return re.sub(r'value="[^"]*"', "", response.get_data(as_text=True))

    assert seen(client.get("/doors/police")) == seen(client.get("/doors/absent"))


def test_second_role_opens_its_pages_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(access.PERMISSIONS, "test.cases", frozenset({Role.CASEWORKER}))
    app.add_url_rule("/doors/cases", "cases", requires("test.cases")(lambda: "cases"))
    with app.app_context():
        client = client_of(app, make_staff(Role.FACILITATOR, also_role=Role.CASEWORKER))
    assert client.get("/doors/cases").status_code == 200


@pytest.mark.parametrize("path", ["/doors/police", "/doors/silent", "/doors/absent"])
def test_anonymous_reader_is_asked_to_sign_in_and_comes_back(doors: Flask, path: str) -> None:
    response = doors.test_client().get(path + "?week=7")
    assert response.status_code == 303
    assert response.location == f"/sign-in?next={path}?week%3D7"


def test_anonymous_writer_is_asked_to_sign_in_and_comes_back_to_the_form(doors: Flask) -> None:
    client = doors.test_client()
    response = client.post("/doors/police", headers={"Referer": "http://localhost/doors/police"})
    assert response.location == "/sign-in?next=/doors/police"
    assert "nothing was saved" in client.get(response.location).text
    strange = client.post("/doors/police", headers={"Referer": "https://evil.com/doors"})
    assert strange.location == "/sign-in"


def test_anonymous_program_is_told_401(doors: Flask) -> None:
    response = doors.test_client().post("/doors/police", json={})
    assert response.status_code == 401
    assert response.json is not None and response.json["error"] == "signed_out"


def test_requires_below_and_above_the_route_mark_alike() -> None:
    bp = Blueprint("marks", __name__)

    @requires("account.own")
    @bp.get("/above")
    def above() -> str:
        return ""

    @bp.get("/below")
    @requires("account.own")
    def below() -> str:
        return ""

    app = Flask(__name__)
    app.register_blueprint(bp)
    with app.app_context():
        assert permission_needed("marks.above") == permission_needed("marks.below") == "account.own"


def test_public_marks_the_view_itself() -> None:
    app = Flask(__name__)
    app.add_url_rule("/open", "open", public(lambda: ""))
    with app.app_context():
        assert is_public("open")
        assert not is_public("absent")
        assert not is_public(None)


def test_navigation_has_at_most_five_links_a_role_and_starts_with_today() -> None:
    assert set(NAVIGATION) == EVERYBODY
    for links in NAVIGATION.values():
        assert links[0] == ("Today", "today.show")
        assert len(links) <= MOST
