"""Our client and the stub, each call and answer held against Twilio's own description."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from programme_tracker.messaging.providers import ProviderError, SignalKind
from programme_tracker.messaging.providers.twilio import TwilioProvider
from programme_tracker.messaging.rules import MessageState
from tests.twilio_stub import ACCOUNT, TOKEN, Behaviour, Misstep, TwilioStub

MOBILE = "+447700900101"
BODY = "Reminder: Tue 14 Oct 6.30pm. Queries 01632 960001."
NOW = datetime(2026, 9, 1, 11, tzinfo=UTC)


@pytest.fixture
def stub() -> Iterator[TwilioStub]:
    with TwilioStub() as stub:
        stub.clock = lambda: NOW
        yield stub
        assert stub.faults == []


def provider(stub: TwilioStub, **given: Any) -> TwilioProvider:
    content: dict[str, Any] = {
        "from_number": "+447700900900",
        "base_url": stub.address,
        "public_url": "https://tracker.example.org",
    }
    return TwilioProvider(ACCOUNT, TOKEN, **(content | given))


def send(provider: TwilioProvider, body: str = BODY, to: str = MOBILE) -> str:
    return provider.send(to=to, body=body, message_id=7, validity_seconds=3600).sid


@pytest.mark.parametrize(
    "given",
    [{}, {"messaging_service_sid": "MG" + "1" * 32}, {"discard": True}, {"public_url": "http://127.0.0.1"}],
)
def test_every_way_of_sending_fits_the_description(stub: TwilioStub, given: dict[str, Any]) -> None:
    sid = send(provider(stub, **given))
    assert stub.messages[sid]["to"] == MOBILE
    assert stub.messages[sid]["body"] == ("" if given.get("discard") else BODY)


def test_text_is_found_by_its_number_and_time_on_whatever_page(stub: TwilioStub) -> None:
    client = provider(stub)
    stub.page_limit = 2
    stub.clock = lambda: NOW - timedelta(days=1)
    send(client, "yesterday")
    stub.clock = lambda: NOW
    sids = [send(client, f"text {number}") for number in range(5)]
    send(client, "to another", to="+447700900102")
    found = client.find(MOBILE, NOW)
    assert {report.sid: report.body for report in found} == {
        sid: f"text {number}" for number, sid in enumerate(sids)
    }
    assert {(report.created_at, report.status) for report in found} == {(NOW, "queued")}


def test_news_of_one_text_and_none_of_one_it_does_not_have(stub: TwilioStub) -> None:
    client = provider(stub)
    sid = send(client)
    stub.progress(sid, "undelivered", 30003)
    report = client.fetch(sid)
    assert report is not None
    assert (report.status, report.error_code) == ("undelivered", "30003")
    assert client.fetch("SM" + "f" * 32) is None


def test_words_are_taken_away_once_the_text_is_done(stub: TwilioStub) -> None:
    client = provider(stub)
    sid = send(client)
    with pytest.raises(ProviderError):
        client.redact(sid)
    stub.progress(sid, "delivered")
    client.redact(sid)
    assert stub.messages[sid]["body"] == ""
    client.redact("SM" + "f" * 32)


@pytest.mark.parametrize("takes", [True, False])
@pytest.mark.parametrize(
    "misstep", [Misstep.DROP, Misstep.HANG, Misstep.SERVER_FAULT, Misstep.GARBAGE, Misstep.NO_ID]
)
def test_whatever_spoils_the_answer_leaves_it_open_whether_the_text_went(
    stub: TwilioStub, misstep: Misstep, takes: bool
) -> None:
    stub.script(Behaviour(takes=takes, misstep=misstep))
    with pytest.raises(ProviderError) as caught:
        send(provider(stub, timeout=0.3))
    assert caught.value.kind is SignalKind.AMBIGUOUS
    assert len(stub.messages) == takes
    assert len([call for call in stub.calls if call[0] == "POST"]) == 1, "the library tries once"


def test_messaging_service_begins_with_accepted_and_no_segments(stub: TwilioStub) -> None:
    client = provider(stub, messaging_service_sid="MG" + "1" * 32)
    accepted = client.send(to=MOBILE, body=BODY, message_id=7, validity_seconds=3600)
    assert accepted.state is MessageState.ACCEPTED
    assert stub.messages[accepted.sid]["num_segments"] == "0"


def test_question_that_is_refused_is_no_answer(stub: TwilioStub) -> None:
    stub.refuses_questions = (429, 20429)
    for ask in (lambda: provider(stub).find(MOBILE, NOW), lambda: provider(stub).fetch("SM" + "f" * 32)):
        with pytest.raises(ProviderError):
            ask()


def test_walker_finds_what_does_not_fit() -> None:
    with TwilioStub() as stub:
        client = provider(stub, from_number="not a number!", messaging_service_sid="MG1")
        send(client, to="nobody at all!")
        assert {fault.split()[0] for fault in stub.faults} == {
            "To",
            "MessagingServiceSid",
            "answer.messaging_service_sid",
        }
