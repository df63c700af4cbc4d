"""The pages of policy versions, and of adding a programme."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from programme_tracker.audit.models import AuditEntry
from programme_tracker.kernel import clock as clocks
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.programmes.models import PolicyVersion, Programme
from programme_tracker.programmes.queries import newest_version, policy_at
from programme_tracker.web.policies.forms import section_form
from programme_tracker.workflows import policies
from tests.factories.cases import Team, attend, cara_case, make_team

STRICTER = {"radar.consecutive_absences": "1"}
SAVE = {"from_on-day": "1", "from_on-month": "10", "from_on-year": "2026", "note": "O'Brien-Łukasz asked"}


@pytest.fixture
def team(app: Flask) -> Team:
    with app.app_context():
        return make_team(manager="Mo O'Brien-Łukasz")


@pytest.fixture
def manager(app: Flask, team: Team) -> FlaskClient:
    with app.app_context():
        return team.client(app, "manager")


def numbers_of(app: Flask, section: str, **changed: str) -> dict[str, str | list[str]]:
    """Return what a browser would send for a section with some numbers changed; "" empties one."""
    with app.test_request_context("/"):
        form = section_form(section, newest_version())
        sent: dict[str, str | list[str]] = {}
        for field in form:
            if field.type == "BooleanField" and field.data:
                sent[field.name] = "y"
            elif field.type == "AnyOfField":
                sent[field.name] = list(field.data)
            elif field.type not in ("BooleanField", "HiddenField", "CSRFTokenField"):
                sent[field.name] = str(field._value()) if hasattr(field, "_value") else str(field.data or "")
    return {**sent, **changed}


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_versions_are_listed_with_who_and_why(app: Flask, manager: FlaskClient, team: Team) -> None:
    with app.app_context():
        policies.make_version(
            {"radar": {"lateness": 3}},
            from_on=date(2026, 10, 1),
            note="Too many <late> flags",
            actor=team.manager,
            now=clocks.now(),
        )
    text = manager.get("/policies/").text
    for said in ("Version 2", "To come", "Thu 1 Oct", "Mo O&#39;Brien-Łukasz", "In force"):
        assert said in text
    assert "Too many &lt;late&gt; flags" in text


def test_version_reads_in_words_with_units(app: Flask, manager: FlaskClient) -> None:
    text = manager.get("/policies/1").text
    for said in (
        "RADAR",
        "2 absences",
        "7, 3 and 1 days",
        "300 minutes",
        "weekly group",
        "if mandated",
        "8pm",
    ):
        assert said in text
    assert manager.get("/policies/9").status_code == 404


@pytest.mark.parametrize("who", ["officer", "worker", "lead", "facilitator", "enforcement", "admin"])
def test_policy_is_the_managers_alone(app: Flask, team: Team, who: str) -> None:
    with app.app_context():
        client = team.client(app, who)
    for path in ("/policies/", "/policies/1", "/policies/new", "/policies/new/radar", "/policies/new/check"):
        assert client.get(path).status_code == 404
    assert client.post("/policies/new/check", query_string=STRICTER, data=SAVE).status_code == 404
    assert client.get("/policies/programmes/new").status_code == 404


def test_changed_numbers_travel_in_the_address_and_nothing_is_kept(app: Flask, manager: FlaskClient) -> None:
    with app.app_context():
        before = (count(PolicyVersion), count(AuditEntry))
    sent = numbers_of(app, "radar", consecutive_absences="1", lateness="", reminder_days="1, 3 and 7")
    response = manager.post("/policies/new/radar", data=sent)
    assert response.status_code == 303
    assert parse_qs(urlsplit(response.location).query, keep_blank_values=True) == {
        "radar.consecutive_absences": ["1"],
        "radar.lateness": [""],
        "radar.reminder_days": ["7,3,1"],
    }
    text = manager.get(response.location).text
    for said in ("Unexplained absences in a row", "2 absences", "1 absence", "off", "7, 3 and 1 days"):
        assert said in text
    with app.app_context():
        assert (count(PolicyVersion), count(AuditEntry)) == before


def test_numbers_sent_back_as_they_were_change_nothing(app: Flask, manager: FlaskClient) -> None:
    for section in ("general", "radar", "cara", "baseline", "linx", "young_adults", "awareness"):
        response = manager.post(f"/policies/new/{section}", data=numbers_of(app, section))
        assert (response.status_code, response.location) == (303, "/policies/new"), section


def test_second_section_keeps_what_was_changed_before(app: Flask, manager: FlaskClient) -> None:
    sent = numbers_of(app, "general", text_opens="10am")
    response = manager.post("/policies/new/general", query_string=STRICTER, data=sent)
    assert parse_qs(urlsplit(response.location).query) == {
        "radar.consecutive_absences": ["1"],
        "general.text_opens": ["10:00"],
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sessions": "many"}, "Sessions must be a whole number"),
        ({"sessions": "0"}, "A programme has at least one session."),
        ({"max_age": "3"}, "The highest age is below the lowest."),
        ({"reminder_days": "soon"}, "Write days as numbers with commas"),
        ({"consecutive_absences": "0"}, "must be a whole number from 1"),
        ({"participant_word": ""}, "Enter word for those who come"),
    ],
)
def test_number_that_does_not_fit_is_refused_and_nothing_typed_is_lost(
    app: Flask, manager: FlaskClient, changed: dict[str, str], said: str
) -> None:
    sent = numbers_of(app, "radar", **{"minutes": "95", **changed})
    response = manager.post("/policies/new/radar", data=sent)
    assert response.status_code == 422
    assert said in response.text and 'value="95"' in response.text


def test_check_shows_differences_and_the_trial_and_writes_nothing(app: Flask, team: Team) -> None:
    with app.app_context():
        case = cara_case(team)
        attend(case, case.session_a_id, "absent")
        manager = team.client(app, "manager")
        before = (count(PolicyVersion), count(AuditEntry))
    address = {"cara.mandated_session_missed": "if_mandated", "cara.consecutive_absences": "1"}
    text = manager.get("/policies/new/check", query_string=address).text
    assert "it would have raised 1 more red flag: 1 × unexplained absences in a row on CARA." in text
    assert "Nothing was written and nobody was told." in text
    with app.app_context():
        assert (count(PolicyVersion), count(AuditEntry)) == before


def test_version_is_saved_from_a_day_to_come(app: Flask, manager: FlaskClient, clock: SettableClock) -> None:
    text = manager.get("/policies/new/check", query_string=STRICTER).text
    assert 'name="seen_version" value="1"' in text
    sent = {**SAVE, "seen_version": "1"}
    response = manager.post("/policies/new/check", query_string=STRICTER, data=sent)
    assert (response.status_code, response.location) == (303, "/policies/2")
    text = manager.get("/policies/2").text
    assert "It counts from Thu 1 Oct." in text and "O&#39;Brien-Łukasz asked" in text
    assert "What it changed" in text
    with app.app_context():
        assert policy_at(clock.now() + timedelta(days=40)).programmes["radar"].consecutive_absences == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"from_on-year": "2025"}, "Choose a day to come, from tomorrow on."),
        ({"note": ""}, "Say why the policy changes"),
        ({"from_on-day": ""}, "Add the day"),
        ({"seen_version": "0"}, "Another version was made meanwhile."),
    ],
)
def test_version_that_cannot_be_saved_keeps_what_was_typed(
    app: Flask, manager: FlaskClient, typed: dict[str, str], said: str
) -> None:
    sent = {**SAVE, "seen_version": "1", **typed}
    response = manager.post("/policies/new/check", query_string=STRICTER, data=sent)
    assert response.status_code == 422
    assert said in response.text
    assert f'value="{sent["from_on-month"]}"' in response.text
    with app.app_context():
        assert count(PolicyVersion) == 1


def test_address_that_fits_no_number_is_read_as_nothing(app: Flask, manager: FlaskClient) -> None:
    made_up = {"radar.form": "one_to_one", "radar.nothing": "3", "other.sessions": "3", "csrf": "1"}
    assert "Nothing yet." in manager.get("/policies/new", query_string=made_up).text
    assert manager.get("/policies/new/check", query_string=made_up).location == "/policies/new"
    assert manager.get("/policies/new/nothing").status_code == 404
    wrong = {"radar.sessions": "<b>"}
    assert manager.get("/policies/new", query_string=wrong).status_code == 303


def test_programme_is_added_and_offered_where_programmes_are_chosen(app: Flask, manager: FlaskClient) -> None:
    sent = {"title": "Young Fathers' Łódź", "code": "young_fathers", "like": "linx"}
    response = manager.post("/policies/programmes/new", data=sent)
    assert response.status_code == 303
    text = manager.get(response.location).text
    assert "Numbers of Young Fathers&#39; Łódź" in text
    numbers = numbers_of(app, "linx", sessions="6", completion_attended="5")
    saved = manager.post(response.location, data=numbers)
    assert (saved.status_code, saved.location) == (303, "/policies/")
    with app.app_context():
        assert db.session.get_one(Programme, "young_fathers").is_active
        assert policy_at(clocks.now()).programmes["young_fathers"].sessions == 6
    for path in ("/referrals/new", "/sessions/new"):
        assert "Young Fathers&#39; Łódź" in manager.get(path, follow_redirects=True).text
    assert manager.post(response.location, data=numbers).status_code == 404


def test_programme_that_is_there_already_is_refused(app: Flask, manager: FlaskClient) -> None:
    sent = {"title": "RADAR", "code": "second_radar", "like": "linx"}
    response = manager.post("/policies/programmes/new", data=sent)
    assert response.status_code == 422
    assert "Another programme is called that." in response.text and 'value="second_radar"' in response.text
    with app.app_context():
        assert count(Programme) == 6
