"""The Twilio provider against a stub that answers, refuses, hangs and hangs up, over real HTTP."""

import json
import logging
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from programme_tracker.messaging.outcomes import Accepted
from programme_tracker.messaging.providers.signals import ProviderError, SignalKind
from programme_tracker.messaging.providers.twilio import TwilioProvider
from programme_tracker.messaging.rules import MessageState

MOBILE = "+447700900101"
ACCOUNT = "AC" + "0" * 32


class Stub:
    """Answers every request as ``answer`` says; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: tuple[int, Any] = (201, {"sid": "SM1", "status": "queued"})
        self.hang = False
        self.released = Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                stub.asked.append((self.path, {name: values[0] for name, values in parse_qs(form).items()}))
                if stub.hang:
                    stub.released.wait(timeout=30)
                    return
                status, body = stub.answer
                if status == 0:
                    return
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    thread = Thread(target=stub.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield stub
    stub.released.set()
    stub.server.shutdown()
    stub.server.server_close()
    thread.join()


def provider(address: str, **given: Any) -> TwilioProvider:
    content: dict[str, Any] = {"from_number": "+447700900900", "base_url": address} | given
    return TwilioProvider(ACCOUNT, "secret-token", **content)


def send(address: str, validity: int = 600, **given: Any) -> Accepted:
    return provider(address, **given).send(
        to=MOBILE, body="Reminder: 6pm", message_id=42, validity_seconds=validity
    )


def test_text_is_handed_over_with_everything_twilio_needs(stub: Stub) -> None:
    accepted = send(stub.address, public_url="https://tracker.example.org")
    assert accepted == Accepted("SM1", MessageState.ACCEPTED, is_kept=True)
    ((path, form),) = stub.asked
    assert path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert form == {
        "To": MOBILE,
        "From": "+447700900900",
        "Body": "Reminder: 6pm",
        "ValidityPeriod": "600",
        "StatusCallback": "https://tracker.example.org/webhooks/twilio/status/42",
    }


def test_messaging_service_goes_before_a_number(stub: Stub) -> None:
    send(stub.address, messaging_service_sid="MG1")
    form = stub.asked[0][1]
    assert form["MessagingServiceSid"] == "MG1"
    assert "From" not in form


def test_address_that_only_this_machine_knows_is_not_given_for_callbacks(stub: Stub) -> None:
    send(stub.address, public_url="http://127.0.0.1:8000")
    assert "StatusCallback" not in stub.asked[0][1]


@pytest.mark.parametrize(("validity", "sent"), [(0, "1"), (90_000, "36000")])
def test_validity_stays_within_twilios_bounds(stub: Stub, validity: int, sent: str) -> None:
    send(stub.address, validity)
    assert stub.asked[0][1]["ValidityPeriod"] == sent


@pytest.mark.parametrize(
    ("status", "body", "kind", "signal"),
    [
        (400, {"code": 21211, "message": "Invalid"}, SignalKind.NUMBER, "21211"),
        (400, {"code": 21610, "message": "Stopped"}, SignalKind.STOPPED, "21610"),
        (401, {"code": 20003, "message": "Authenticate"}, SignalKind.CONFIGURATION, "20003"),
        (429, {"code": 20429, "message": "Slow down"}, SignalKind.NEVER_PROCESSED, "20429"),
        (429, {}, SignalKind.NEVER_PROCESSED, "429"),
        (418, {"code": 41800, "message": "New"}, SignalKind.PERMANENT, "41800"),
        (500, {"code": 20500, "message": "Oops"}, SignalKind.AMBIGUOUS, "20500"),
        (503, b"<html>", SignalKind.AMBIGUOUS, "503"),
        (201, b"<html>", SignalKind.AMBIGUOUS, "no_answer"),
        (201, {"status": "queued"}, SignalKind.AMBIGUOUS, "no_answer"),
        (0, None, SignalKind.AMBIGUOUS, "no_answer"),
    ],
)
def test_answer_is_understood(stub: Stub, status: int, body: Any, kind: SignalKind, signal: str) -> None:
    stub.answer = (status, body)
    with pytest.raises(ProviderError) as caught:
        send(stub.address)
    assert (caught.value.kind, caught.value.signal) == (kind, signal)
    assert len(stub.asked) == 1


def test_answer_that_does_not_come_is_ambiguous(stub: Stub) -> None:
    stub.hang = True
    with pytest.raises(ProviderError) as caught:
        send(stub.address, timeout=0.2)
    assert caught.value.kind is SignalKind.AMBIGUOUS
    assert len(stub.asked) == 1


def test_connection_refused_is_safe() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refuses
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ProviderError) as caught:
            send(address)
    assert caught.value.kind is SignalKind.SAFE


def test_logs_hold_neither_number_nor_words_nor_token(stub: Stub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="programme_tracker")
    caplog.set_level(logging.DEBUG, logger="twilio")
    send(stub.address)
    assert not {word for word in ("7700900101", "Reminder", "secret-token") if word in caplog.text}
