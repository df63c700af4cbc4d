"""The manager's page of how texts are sent, and deciding about a text nobody knows of."""

from datetime import timedelta

import pytest
from flask import Flask

from programme_tracker.jobs.due import run_due
from programme_tracker.kernel.actor import SYSTEM
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import locked, transaction
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.providers import ProviderError, RecordingProvider, SignalKind
from programme_tracker.messaging.providers.signals import KINDS, ROWS
from programme_tracker.messaging.queries import pause_until, sending_control, signal_table
from programme_tracker.messaging.rules import MessageState
from programme_tracker.messaging.services import leave_to_person, pause_sending
from programme_tracker.web.texts.sending import CLASSES, action_words
from tests import ready
from tests.factories.cases import CaraCase
from tests.factories.records import texts, times_audited

case, sqlite_template = ready.case, ready.sqlite_template

PATH = "/messages/sending/"


@pytest.fixture
def lost(case: CaraCase, clock: SettableClock) -> int:
    """A text whose answer was lost, held for a person with two texts that the provider shows."""
    provider = RecordingProvider()
    provider.fail_next(ProviderError("no_answer"))
    run_due(provider, now=clock.now())
    lost = next(one for one in texts(case.session_a_id) if one.state is MessageState.UNKNOWN)
    shown = [
        {"sid": f"SM{number}", "status": "sent", "created_at": clock.now().isoformat(), "has_words": True}
        for number in (1, 2)
    ]
    with transaction():
        leave_to_person(locked(Message, lost.id), shown, now=clock.now())
    return lost.id


def state_of(message_id: int) -> MessageState:
    db.session.rollback()
    return db.session.get_one(Message, message_id).state


def test_every_class_has_its_words() -> None:
    assert set(CLASSES) == set(SignalKind)
    assert "Ask the provider" in action_words(ROWS[SignalKind.AMBIGUOUS])
    assert "30 seconds, doubling" in action_words(ROWS[SignalKind.NEVER_PROCESSED])
    assert "1 minute, then 5 minutes, then 15 minutes" in action_words(ROWS[SignalKind.SAFE])
    assert "All sending pauses" in action_words(ROWS[SignalKind.CONFIGURATION])


def test_page_lists_every_signal_and_the_default(app: Flask, case: CaraCase) -> None:
    text = case.team.client(app, "manager").get(PATH).text
    for signal in KINDS:
        assert signal in text or signal in {"not_connected", "no_answer"}
    assert "No connection" in text and "Any other code" in text


def test_manager_changes_what_a_code_means(app: Flask, case: CaraCase) -> None:
    manager = case.team.client(app, "manager")
    fields = {"signal": " 30003 ", "kind": "permanent"}
    for _ in range(2):
        assert manager.post(f"{PATH}signals", data=fields).status_code == 303
    assert signal_table()["30003"] is SignalKind.PERMANENT
    assert "Changed" in manager.get(PATH).text
    assert times_audited("signal.changed", signal="30003") == 1
    assert manager.post(f"{PATH}signals", data={"signal": "*", "kind": "passing"}).status_code == 303
    for wrong in ({"signal": "DROP", "kind": "passing"}, {"signal": "1", "kind": "x"}, {}):
        assert manager.post(f"{PATH}signals", data=wrong).status_code == 422
    assert 'value="30005"' in manager.get(PATH, query_string={"signal": "30005"}).text


def test_manager_sets_the_rate(app: Flask, case: CaraCase) -> None:
    manager = case.team.client(app, "manager")
    assert manager.post(f"{PATH}rate", data={"per_second": "3"}).status_code == 303
    control = sending_control()
    assert control is not None and control.per_second == 3
    for wrong in ("0", "10001", "many", ""):
        assert manager.post(f"{PATH}rate", data={"per_second": wrong}).status_code == 422


def test_pause_shows_its_reason_and_can_be_ended(app: Flask, case: CaraCase, clock: SettableClock) -> None:
    pause_sending(
        clock.now() + timedelta(minutes=15), "our account is not set up", now=clock.now(), actor=SYSTEM
    )
    manager = case.team.client(app, "manager")
    text = manager.get(PATH).text
    assert "Sending is paused until Tue 1 Sep, 9.15am." in text and "Our account is not set up." in text
    assert manager.post(f"{PATH}resume").status_code == 303
    assert pause_until() is None
    assert "paused" not in manager.get(PATH, follow_redirects=True).text.partition("<main")[2]
    assert manager.post(f"{PATH}resume").status_code == 303


def test_person_decides_that_it_went(app: Flask, case: CaraCase, lost: int) -> None:
    manager = case.team.client(app, "manager")
    assert f"/messages/{lost}/decide" in manager.get(PATH).text
    assert f"/messages/{lost}/decide" in manager.get(f"/messages/{lost}").text
    text = manager.get(f"/messages/{lost}/decide").text
    assert "It is the one of Tue 1 Sep, 9am: sent" in text and "07700 900101" in text
    assert manager.post(f"/messages/{lost}/decide", data={"choice": "SM3"}).status_code == 422
    assert manager.post(f"/messages/{lost}/decide", data={}).status_code == 422
    assert manager.post(f"/messages/{lost}/decide", data={"choice": "SM2"}).status_code == 303
    assert state_of(lost) is MessageState.SENT
    assert manager.post(f"/messages/{lost}/decide", data={"choice": "never"}).status_code == 404


def test_person_decides_that_it_never_went(app: Flask, case: CaraCase, lost: int) -> None:
    manager = case.team.client(app, "manager")
    assert manager.post(f"/messages/{lost}/decide", data={"choice": "never"}).status_code == 303
    assert state_of(lost) is MessageState.PLANNED


@pytest.mark.parametrize("who", ["lead", "worker", "facilitator", "officer", "enforcement", "admin"])
def test_nobody_else_decides_or_sets_anything(app: Flask, case: CaraCase, lost: int, who: str) -> None:
    client = case.team.client(app, who)
    assert client.get(PATH).status_code == 404
    assert client.get(f"/messages/{lost}/decide").status_code == 404
    assert client.post(f"/messages/{lost}/decide", data={"choice": "never"}).status_code == 404
    assert client.post(f"{PATH}rate", data={"per_second": "1"}).status_code == 404
    assert state_of(lost) is MessageState.UNKNOWN
