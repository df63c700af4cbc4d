"""Mail handed to a server over a real connection, whatever the server does."""

import email
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from programme_tracker.config import MailSettings
from programme_tracker.messaging.outcomes import Failed, RetryAt, Unknown
from programme_tracker.messaging.providers import outcome_of
from programme_tracker.messaging.providers.mail import MailError, MailProvider
from programme_tracker.messaging.providers.signals import SignalKind
from tests.factories.messaging import NOON
from tests.mail_server import MailServer, mail_server

BODY = "You have 1 new notice.\nSign in to read it: https://tracker.example.org/"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def settings_of(server: MailServer) -> MailSettings:
    return MailSettings(host="127.0.0.1", port=server.port, security="none", sender="tracker@example.org")


def send(server: MailServer, *, timeout: float = 10) -> str:
    provider = MailProvider(settings_of(server), timeout=timeout)
    return provider.send(to="vera@example.org", body=BODY, message_id=12, validity_seconds=60).sid


def test_mail_is_handed_over_as_a_person_reads_it(server: MailServer) -> None:
    assert send(server) == "<alert.12@example.org>"
    letter = email.message_from_bytes(server.taken[0])
    assert letter["Subject"] == "You have 1 new notice"
    assert (letter["From"], letter["To"]) == ("tracker@example.org", "vera@example.org")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "Sign in to read it: https://tracker.example.org/" in str(letter.get_payload())


def test_second_copy_has_the_same_message_id(server: MailServer) -> None:
    send(server)
    send(server)
    ids = {email.message_from_bytes(one)["Message-ID"] for one in server.taken}
    assert ids == {"<alert.12@example.org>"}


@pytest.mark.parametrize(
    ("command", "answer", "kind"),
    [
        ("CONNECT", "421 busy", SignalKind.SAFE),
        ("CONNECT", "drop", SignalKind.SAFE),
        ("MAIL", "550 not you", SignalKind.CONFIGURATION),
        ("MAIL", "451 later", SignalKind.PASSING),
        ("RCPT", "550 nobody here", SignalKind.NUMBER),
        ("RCPT", "452 full", SignalKind.PASSING),
        ("RCPT", "drop", SignalKind.SAFE),
        ("DATA", "554 no", SignalKind.PERMANENT),
        (".", "451 later", SignalKind.PASSING),
        (".", "554 looks like spam", SignalKind.PERMANENT),
        (".", "drop", SignalKind.AMBIGUOUS),
    ],
)
def test_refusal_says_whether_the_mail_may_have_gone(
    server: MailServer, command: str, answer: str, kind: SignalKind
) -> None:
    server.answers[command] = answer
    with pytest.raises(MailError) as refused:
        send(server)
    assert refused.value.kind is kind
    assert bool(server.taken) == (kind is SignalKind.AMBIGUOUS)


def test_server_that_hangs_before_the_mail_is_tried_again(server: MailServer) -> None:
    server.answers["RCPT"] = "hang"
    with pytest.raises(MailError) as refused:
        send(server, timeout=0.2)
    outcome = outcome_of(refused.value, attempts=1, now=NOON)
    assert isinstance(outcome, RetryAt)


def test_server_that_hangs_after_the_mail_leaves_it_unknown(server: MailServer) -> None:
    server.answers["."] = "hang"
    with pytest.raises(MailError) as lost:
        send(server, timeout=0.2)
    assert isinstance(outcome_of(lost.value, attempts=1, now=NOON), Unknown)


def test_server_that_is_not_there_is_tried_again_a_few_times() -> None:
    with mail_server() as gone:
        pass
    with pytest.raises(MailError) as refused:
        send(gone)
    waits = [outcome_of(refused.value, attempts=attempt, now=NOON) for attempt in range(1, 6)]
    assert [type(one) for one in waits] == [RetryAt] * 4 + [Failed]


def test_goodbye_that_fails_changes_nothing(server: MailServer) -> None:
    server.answers["QUIT"] = "drop"
    assert send(server)


def test_connection_is_encrypted_before_the_password_goes(tmp_path: Path) -> None:
    with mail_server(tmp_path) as server:
        context = ssl.create_default_context(cafile=str(server.certificate))
        settings = replace(
            settings_of(server), host="localhost", security="starttls", username="me", password="it"
        )
        provider = MailProvider(settings, context=context)
        assert provider.send(to="vera@example.org", body=BODY, message_id=12, validity_seconds=60)
    assert server.heard.index("STARTTLS") < server.heard.index("AUTH")
    assert server.taken


def test_server_with_a_strange_certificate_gets_nothing(tmp_path: Path) -> None:
    with mail_server(tmp_path) as server:
        settings = replace(settings_of(server), host="localhost", security="starttls")
        with pytest.raises(MailError) as refused:
            MailProvider(settings).send(to="vera@example.org", body=BODY, message_id=12, validity_seconds=60)
    assert refused.value.kind is SignalKind.CONFIGURATION
    assert "MAIL" not in server.heard


def test_server_without_encryption_gets_no_password(server: MailServer) -> None:
    settings = replace(settings_of(server), security="starttls", username="me", password="it")
    with pytest.raises(MailError) as refused:
        MailProvider(settings).send(to="vera@example.org", body=BODY, message_id=12, validity_seconds=60)
    assert refused.value.kind is SignalKind.CONFIGURATION
    assert "AUTH" not in server.heard


def test_wrong_password_is_our_own_fault(server: MailServer) -> None:
    server.answers["AUTH"] = "535 wrong"
    settings = replace(settings_of(server), username="me", password="it")
    with pytest.raises(MailError) as refused:
        MailProvider(settings).send(to="vera@example.org", body=BODY, message_id=12, validity_seconds=60)
    assert refused.value.kind is SignalKind.CONFIGURATION
    outcome = outcome_of(refused.value, attempts=1, now=NOON)
    assert isinstance(outcome, RetryAt)
    assert not outcome.spends_attempt
