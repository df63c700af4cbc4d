"""Texts set apart: victim safety alone reads them, every reading is noted; and the manager's phrases."""

import pytest
from flask import Flask

from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.messaging.models import InboundMessage
from programme_tracker.messaging.queries import is_suppressed
from programme_tracker.victim_safety.services import PartnerDetails, add_partner
from programme_tracker.workflows.replying import receive_reply
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import tasks, times_audited

case, sqlite_template = ready.case, ready.sqlite_template

MOBILE = "+447700900101"
HERS = "+447700900777"
EVERYBODY_ELSE = ["lead", "manager", "facilitator", "officer", "enforcement", "admin"]


def came(body: str, clock: SettableClock, number: str = MOBILE) -> int:
    return receive_reply(number, body, now=clock.now()).id


def test_words_are_read_one_by_one_and_each_reading_is_noted(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    inbound_id = came("he left, this is his ex", clock)
    worker = case.team.client(app, "worker")
    assert "One text to read" in worker.get("/today").text
    listed = worker.get("/messages/set-apart/").text
    assert "07700 900101" in listed and "his ex" not in listed
    assert times_audited("message.set_apart_read") == 0
    assert "he left, this is his ex" in worker.get(f"/messages/set-apart/{inbound_id}").text
    assert times_audited("message.set_apart_read") == 1


@pytest.mark.parametrize("who", EVERYBODY_ELSE)
def test_nobody_else_finds_them(app: Flask, case: CaraCase, clock: SettableClock, who: str) -> None:
    inbound_id = came("wrong number", clock)
    client = case.team.client(app, who)
    for path in ("/messages/set-apart/", f"/messages/set-apart/{inbound_id}"):
        assert client.get(path).status_code == 404
    for deed in ("dealt-with", "give-back"):
        assert client.post(f"/messages/set-apart/{inbound_id}/{deed}").status_code == 404
    assert times_audited("message.set_apart_read") == 0


def test_ordinary_text_is_not_there(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    inbound_id = came("running late", clock)
    worker = case.team.client(app, "worker")
    assert worker.get(f"/messages/set-apart/{inbound_id}").status_code == 404
    assert worker.post(f"/messages/set-apart/{inbound_id}/give-back").status_code == 404


def test_dealt_with_stays_apart_and_the_number_stays_silent(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    inbound_id = came("wrong number", clock)
    worker = case.team.client(app, "worker")
    assert worker.post(f"/messages/set-apart/{inbound_id}/dealt-with").status_code == 303
    assert "No text set apart waits" in worker.get("/messages/set-apart/").text
    assert "text to read" not in worker.get("/today").text
    assert is_suppressed(MOBILE)
    assert "wrong number" not in case.team.client(app, "lead").get("/messages/").text


def test_given_back_goes_to_the_lead_and_texts_may_go_again(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    inbound_id = came("Who is this? I lost my phone", clock)
    assert is_suppressed(MOBILE) and tasks("check_number", case.enrolment_id)
    worker = case.team.client(app, "worker")
    assert worker.post(f"/messages/set-apart/{inbound_id}/give-back").status_code == 303
    assert not is_suppressed(MOBILE) and not tasks("check_number", case.enrolment_id)
    assert "I lost my phone" in case.team.client(app, "lead").get("/messages/").text


def test_text_from_a_protected_number_is_never_given_back(
    app: Flask, case: CaraCase, clock: SettableClock
) -> None:
    with transaction():
        add_partner(case.participant_id, PartnerDetails("P", HERS), actor=case.team.worker, now=clock.now())
    inbound_id = came("is he coming tonight?", clock, HERS)
    worker = case.team.client(app, "worker")
    assert "This is a protected number." in worker.get(f"/messages/set-apart/{inbound_id}").text
    assert worker.post(f"/messages/set-apart/{inbound_id}/give-back").status_code == 409
    db.session.expire_all()
    assert db.session.get_one(InboundMessage, inbound_id).is_quarantined
    for who in ("lead", "manager"):
        client = case.team.client(app, who)
        for path in ("/messages/", "/today", f"/enrolments/{case.enrolment_id}"):
            page = client.get(path).text
            assert "tonight?" not in page and "900777" not in page


def test_manager_lists_phrases_and_tries_them(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    manager = case.team.client(app, "manager")
    path = "/messages/phrases/"
    assert "“his ex”" in manager.get(path).text.replace("&#34;", "")
    tried = manager.get(path, query_string={"said": "STOP this is his ex"}).text
    assert "Set apart for victim safety" in tried and "It also stops every text to them." in tried
    assert "Read by the lead." in manager.get(path, query_string={"said": "<b>nid fi</b>"}).text
    assert manager.post(path, data={"phrase": " ?! "}).status_code == 422
    assert manager.post(path, data={"phrase": "nid fi"}).status_code == 303
    assert "Set apart for victim safety" in manager.get(path, query_string={"said": "Nid fi!"}).text
    assert manager.post(f"{path}remove", data={"listed": "nid fi"}).status_code == 303
    assert manager.post(f"{path}remove", data={"listed": "was never listed"}).status_code == 303
    manager.get(path)  # says once that it was taken off
    assert "nid fi" not in manager.get(path).text
    assert times_audited("phrase.listed", phrase="nid fi") == times_audited("phrase.unlisted") == 1


@pytest.mark.parametrize("who", ["lead", "worker", "facilitator", "officer", "enforcement", "admin"])
def test_phrases_are_the_managers(app: Flask, case: CaraCase, who: str) -> None:
    client = case.team.client(app, who)
    assert client.get("/messages/phrases/").status_code == 404
    assert client.post("/messages/phrases/", data={"phrase": "x"}).status_code == 404
