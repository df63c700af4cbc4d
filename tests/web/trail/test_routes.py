import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from programme_tracker.accounts import services
from programme_tracker.audit.models import AuditEntry
from programme_tracker.audit.services import record
from programme_tracker.kernel.actor import SYSTEM, Role
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from tests.factories.accounts import client_of, make_staff


@pytest.fixture
def manager(app: Flask, clock: SettableClock) -> FlaskClient:
    """Give a manager's browser; a caseworker's role was changed, and something happened to enrolment 7."""
    with app.app_context():
        own = make_staff(Role.MANAGER, name="Mo Łoś")
        other = make_staff(Role.CASEWORKER)
        services.change_role(other.id, Role.POLICE, actor=own.actor, now=clock.now())
        with transaction():
            record(
                "mark_made", actor=SYSTEM, at=clock.now(), enrolment_id=7, note="She moved to Example Road"
            )
        return client_of(app, own)


def test_search_shows_who_what_and_when_but_not_what_entries_hold(manager: FlaskClient) -> None:
    page = manager.get("/trail/").text
    assert "Role changed" in page
    assert "enrolment 7" in page
    assert "Example Road" not in page


@pytest.mark.parametrize(
    ("asked", "shown", "hidden"),
    [
        ("who=1", "Role changed", "Mark made"),
        ("what=mark", "Mark made", "Role changed"),
        ("enrolment=7", "Mark made", "Role changed"),
        ("on=2026-09-01&what=role", "Role changed", "Mark made"),
        ("on=1+9+2026&what=role+ch", "Role changed", "Mark made"),
        ("on=2026-09-02", "Nothing in the trail matches", "Role changed"),
        ("what=%25", "Nothing in the trail matches", "Role changed"),
        ("who=x&enrolment=-1&on=never&before=9999999999999", "Role changed", "Nothing in the trail"),
    ],
)
def test_search_narrows_by_person_event_day_and_enrolment(
    manager: FlaskClient, asked: str, shown: str, hidden: str
) -> None:
    page = manager.get(f"/trail/?{asked}").text
    assert shown in page
    assert f">{hidden}<" not in page


def test_search_is_in_the_trail_itself(app: Flask, manager: FlaskClient) -> None:
    manager.get("/trail/?what=mark&who=1")
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "trail_searched")).one()
        assert entry.actor_name == "Mo Łoś"
        assert entry.detail == {"sought": {"actor_id": 1}}


def test_older_entries_follow_page_by_page(app: Flask, manager: FlaskClient, clock: SettableClock) -> None:
    with app.app_context(), transaction():
        for number in range(60):
            record(f"counted_{number:02}", actor=SYSTEM, at=clock.now())
    first = manager.get("/trail/?what=counted")
    assert "Counted 59" in first.text
    assert "Counted 09" not in first.text
    older = first.text.split('">Older entries')[0].rsplit('href="', 1)[1].replace("&amp;", "&")
    page = manager.get(older).text
    assert "Counted 09" in page
    assert "Counted 10" not in page


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_trail_is_absent_for_others(app: Flask, role: Role) -> None:
    with app.app_context():
        client = client_of(app, make_staff(role))
    assert client.get("/trail/").status_code == 404
