"""A manager notes days away for somebody who is ill, and what is theirs finds its way."""

from datetime import date

import pytest
from flask import Flask

from programme_tracker.accounts.models import Staff, StaffLeave
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import db
from tests.factories.accounts import make_staff
from tests.factories.cases import Team, make_team


@pytest.fixture
def team(app: Flask) -> Team:
    with app.app_context():
        return make_team()


def typed(who: Actor, *, deputy: Actor | None = None, last: str = "3") -> dict[str, str]:
    days = {"from_on-day": "2", "to_on-day": last}
    parts = {f"{end}-{part}": value for end in ("from_on", "to_on") for part, value in MONTH.items()}
    whom = {"who": str(who.staff_id), "deputy": str(deputy.staff_id) if deputy else ""}
    return whom | parts | days


MONTH = {"month": "9", "year": "2026"}


def test_days_away_are_noted_shown_and_taken_back(app: Flask, team: Team) -> None:
    with app.app_context():
        val = make_staff(Role.VICTIM_SAFETY, name="Val O'Deputy-Łuk").actor
        client = team.client(app, "manager")
        assert 'href="/away/"' in client.get("/today").text
        assert "Nobody is away" in client.get("/away/").text
        said = client.post("/away/", data=typed(team.worker, deputy=val), follow_redirects=True).text
        assert "What is meant for them goes to Val O&#39;Deputy-Łuk." in said
        assert "Wed 2 Sep to Thu 3 Sep. Val O&#39;Deputy-Łuk stands in." in said
        (leave,) = db.session.query(StaffLeave)
        assert (leave.staff_id, leave.from_on) == (team.worker.staff_id, date(2026, 9, 2))
        assert db.session.get_one(Staff, team.worker.staff_id).deputy_id == val.staff_id
        gone = client.post(f"/away/{leave.id}/cancel", follow_redirects=True).text
        assert "Days away cancelled." in gone and "Nobody is away" in gone
        assert client.post(f"/away/{leave.id}/cancel").status_code == 404


def test_deputy_of_other_work_and_days_backwards_are_refused_and_nothing_is_kept(
    app: Flask, team: Team
) -> None:
    with app.app_context():
        client = team.client(app, "manager")
        other = client.post("/away/", data=typed(team.worker, deputy=team.lead))
        assert other.status_code == 422
        assert "Choose a colleague who does the same work" in other.text
        backwards = client.post("/away/", data=typed(team.worker, last="1"))
        assert backwards.status_code == 422
        assert "The last day is before the first." in backwards.text
        nobody = client.post("/away/", data=typed(team.worker) | {"who": ""})
        assert nobody.status_code == 422 and "Choose who is away" in nobody.text
        assert db.session.query(StaffLeave).count() == 0


def test_only_manager_and_administrator_note_it_for_others(app: Flask, team: Team) -> None:
    with app.app_context():
        for who in ("lead", "worker", "facilitator", "officer", "enforcement"):
            assert team.client(app, who).get("/away/").status_code == 404
        assert team.client(app, "admin").get("/away/").status_code == 200
