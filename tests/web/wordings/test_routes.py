"""The pages of wordings: what is refused is said beside the field, and nothing typed is lost."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from programme_tracker.kernel import clock
from programme_tracker.messaging.rules import MessageKind
from programme_tracker.messaging.templates import queries
from programme_tracker.messaging.templates.rules import Place
from programme_tracker.messaging.templates.services import seed_templates
from tests.factories.cases import Team, make_team

REMINDER = "/wordings/change?kind=reminder&language=en"
SHORT = "Reminder: {when}. Ring {callback}."


@pytest.fixture
def team(app: Flask) -> Team:
    with app.app_context():
        team = make_team(manager="Mo O'Brien-Łukasz")
        seed_templates(now=clock.now())
        return team


@pytest.fixture
def manager(app: Flask, team: Team) -> FlaskClient:
    with app.app_context():
        return team.client(app, "manager")


def save(manager: FlaskClient, text: str, address: str = REMINDER, seen: str = "1", **more: str) -> str:
    sent = {"text": text, "note": "Shorter", "seen_version": seen} | more
    return manager.post(address, data=sent, follow_redirects=True).get_data(as_text=True)


def test_list_shows_each_kind_in_both_languages(manager: FlaskClient) -> None:
    page = manager.get("/wordings/").get_data(as_text=True)
    assert "Nodyn atgoffa: apwyntiad {when}." in page
    assert "Reminder: appointment {when}." in page
    assert "Will ring: Every programme, Welsh" in page


def test_save_makes_a_version_with_its_author_and_difference(app: Flask, manager: FlaskClient) -> None:
    assert "Version 2 saved." in save(manager, SHORT)
    page = manager.get(REMINDER).get_data(as_text=True)
    assert "Every programme, English" in page
    assert "Mo O&#39;Brien-Łukasz" in page
    assert "<del>" in page
    with app.app_context():
        assert queries.template_for(Place(MessageKind.REMINDER, "radar")).template.text == SHORT


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Your caution: {when}", "It must not say “caution”."),
        ("Come {when} to the tŷ", "It holds a character that doubles its length"),
        ("Come {when}" + " and again" * 20, "It is longer than one text."),
        ("Come {when} {nobody}", "There is no placeholder {nobody} here."),
        ("Come along", "It must say when"),
        ("Come {when", "A placeholder is not closed"),
    ],
)
def test_what_may_not_go_is_refused_beside_the_field(
    app: Flask, manager: FlaskClient, text: str, sentence: str
) -> None:
    page = save(manager, text)
    assert sentence in page
    assert text in page
    assert "Shorter" in page
    with app.app_context():
        assert len(queries.versions_of(Place(MessageKind.REMINDER))) == 1


def test_preview_shows_the_text_without_saving_it(app: Flask, manager: FlaskClient) -> None:
    page = save(manager, "Come {when}.", do="preview")
    assert "Come Thu 26 Nov 6.30pm." in page
    assert "23 of 160 characters here, one text." in page
    with app.app_context():
        assert len(queries.versions_of(Place(MessageKind.REMINDER))) == 1


def test_stale_save_shows_what_was_saved_meanwhile_and_keeps_what_was_typed(manager: FlaskClient) -> None:
    save(manager, SHORT)
    page = save(manager, "Come {when}.")
    assert "Somebody saved another version meanwhile." in page
    assert "Come {when}." in page
    assert "Version 2" in page


def test_programme_gets_its_own_wording_and_gives_it_back(app: Flask, manager: FlaskClient) -> None:
    sent = {"kind": "reminder", "programme": "radar", "language": "cy"}
    answer = manager.post("/wordings/new", data=sent)
    address = answer.headers["Location"]
    save(manager, "Apwyntiad {when}.", address, seen="0")
    place = Place(MessageKind.REMINDER, "radar", "cy")
    with app.app_context():
        assert queries.template_for(place).place == place
    manager.post(address.replace("change", "take-back"), data={"reason": "not needed"})
    with app.app_context():
        assert queries.template_for(place).place == Place(MessageKind.REMINDER, "", "cy")


def test_answer_of_a_new_name_asks_for_it_first(manager: FlaskClient) -> None:
    sent = {"kind": "answer", "language": "en"}
    assert "Enter a name for this answer" in manager.post("/wordings/new", data=sent).get_data(as_text=True)
    address = manager.post("/wordings/new", data=sent | {"name": "Bring papers"}).headers["Location"]
    assert "Version 1 saved." in save(manager, "Please bring your papers. {callback}", address, seen="0")


def test_language_is_added_and_offered(manager: FlaskClient) -> None:
    sent = {"title": "Polish", "dates": "figures"}
    assert "Polish added." in manager.post("/wordings/languages", data=sent, follow_redirects=True).text
    assert "There is a language of this name." in manager.post("/wordings/languages", data=sent).text
    assert "Polish" in manager.get("/wordings/new").text


def test_word_is_banned_and_allowed_again(manager: FlaskClient) -> None:
    sent = {"word": "Elm House", "reason": "People know it"}
    assert "“Elm House” is banned." in manager.post("/wordings/words", data=sent, follow_redirects=True).text
    assert "It must not say “Elm House”." in save(manager, "Elm House, {when}")
    done = manager.post("/wordings/words/allow?word=1", data={"reason": "Moved"}, follow_redirects=True)
    assert "may be said again" in done.text
    assert (
        "not on the list any more" in manager.get("/wordings/words/allow?word=1", follow_redirects=True).text
    )
    refused = manager.post("/wordings/words", data={"word": "appointment", "reason": "x"})
    assert "says this. Change that first." in refused.text


@pytest.mark.parametrize("who", ["officer", "worker", "lead", "facilitator", "enforcement", "admin"])
def test_others_find_no_such_page(app: Flask, team: Team, who: str) -> None:
    with app.app_context():
        client = team.client(app, who)
    assert client.get("/wordings/").status_code == 404
    assert client.post(REMINDER, data={"text": "x"}).status_code == 404
