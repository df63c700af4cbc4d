"""Trying the provider out: each fault is named with what to do, and a demonstration refuses."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.wrappers import Response

from programme_tracker.cli import main
from programme_tracker.config import Settings, load_settings
from programme_tracker.messaging.providers.twilio_check import Finding, TwilioAccount
from tests.test_config import REAL
from tests.twilio_stub import ACCOUNT, TOKEN, Behaviour, TwilioStub

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
INBOUND = "https://tracker.example.org/webhooks/twilio/inbound"


class Stub:
    """Answers by the end of the path with JSON; ``status`` refuses everything."""

    def __init__(self) -> None:
        self.status, self.date = 200, NOW
        self.bodies: dict[str, dict[str, Any]] = {
            "account.json": {"status": "active"},
            "IncomingPhoneNumbers.json": {
                "incoming_phone_numbers": [{"capabilities": {"sms": True}, "sms_url": INBOUND}]
            },
            "service": {"inbound_request_url": INBOUND},
            "PhoneNumbers": {"phone_numbers": [{"capabilities": ["SMS"]}]},
        }

    def answer(self, path: str) -> Response:
        body = self.bodies[path.partition("?")[0].rpartition("/")[2]]
        response = Response(status=self.status)
        response.set_data(json.dumps(body))
        return response


@pytest.fixture
def stub() -> Iterator[tuple[Stub, str]]:
    behaviour = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            response = behaviour.answer(self.path)
            self.send_response_only(response.status_code)
            self.send_header("Date", format_datetime(behaviour.date, usegmt=True))
            self.end_headers()
            self.wfile.write(response.get_data())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield behaviour, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def settings(**changed: str) -> Settings:
    return load_settings({**REAL, "PT_PUBLIC_URL": "https://tracker.example.org", **changed})


def advice(url: str, given: Settings) -> list[str]:
    found: list[Finding] = list(TwilioAccount(given, api=url, messaging=url).check(NOW))
    return [one.advice for one in found if not one.is_ok]


def test_account_in_order_has_nothing_to_do(stub: tuple[Stub, str]) -> None:
    assert advice(stub[1], settings()) == []
    assert advice(stub[1], settings(PT_TWILIO_MESSAGING_SERVICE_SID="service")) == []


def test_each_fault_is_named_with_what_to_do(stub: tuple[Stub, str]) -> None:
    behaviour, url = stub
    assert "PT_PUBLIC_URL" in advice(url, settings(PT_PUBLIC_URL="http://tracker.example.org"))[0]
    assert "takes no replies" in advice(url, settings(PT_TWILIO_FROM="Service"))[0]
    behaviour.date = NOW - timedelta(minutes=3)
    assert "180 seconds apart" in advice(url, settings())[0]
    behaviour.date = NOW
    behaviour.bodies["account.json"]["status"] = "suspended"
    assert "suspended" in advice(url, settings())[0]
    behaviour.bodies["IncomingPhoneNumbers.json"]["incoming_phone_numbers"][0]["sms_url"] = ""
    assert INBOUND in advice(url, settings())[1]
    behaviour.bodies["PhoneNumbers"]["phone_numbers"] = []
    assert "no number" in advice(url, settings(PT_TWILIO_MESSAGING_SERVICE_SID="service"))[1]
    behaviour.status = 401
    assert "PT_TWILIO_AUTH_TOKEN" in advice(url, settings())[0]


def test_provider_that_is_not_there_is_told_of() -> None:
    assert "see to the network" in advice("http://127.0.0.1:9", settings())[0]


@pytest.mark.parametrize("words", [["sms", "check"], ["sms", "test", "07700 900101"]])
def test_demonstration_texts_nobody(words: list[str]) -> None:
    answer = CliRunner().invoke(main, words, env={"PT_DEMO": "1"})
    assert answer.exit_code == 1
    assert "demo mode" in answer.output


def test_one_text_is_tried_and_nothing_called_back_about_it() -> None:
    with TwilioStub() as twilio:
        env = {**REAL, "PT_PUBLIC_URL": "https://tracker.example.org", "PT_TWILIO_BASE_URL": twilio.address}
        env |= {"PT_TWILIO_ACCOUNT_SID": ACCOUNT, "PT_TWILIO_AUTH_TOKEN": TOKEN}
        answer = CliRunner().invoke(main, ["sms", "test", "07700 900101"], env=env, input="y\n")
        assert answer.exit_code == 0, answer.output
        ((_, _, form),) = twilio.calls
        assert form["To"] == "+447700900101"
        assert "StatusCallback" not in form
        assert f"took it as {next(iter(twilio.messages))}" in answer.output
        assert twilio.faults == []


def test_text_that_twilio_refuses_says_what_to_do_next() -> None:
    with TwilioStub() as twilio:
        twilio.behave = lambda _form: Behaviour.refuse(20003, 401)
        env = {**REAL, "PT_TWILIO_BASE_URL": twilio.address, "PT_TWILIO_ACCOUNT_SID": ACCOUNT}
        answer = CliRunner().invoke(main, ["sms", "test", "07700 900101"], env=env, input="y\n")
        assert answer.exit_code == 1
        assert "20003" in answer.output
        assert "sms check" in answer.output
