"""Twilio's calls at the door: who is let in, what is written down, and what never harms."""

from dataclasses import replace
from time import perf_counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # has no types

from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import EventKind, ProviderEvent
from programme_tracker.messaging.queries import fields_of
from programme_tracker.web.security import WITHOUT_FORM_TOKEN
from programme_tracker.web.webhooks import routes
from tests.web.webhooks.conftest import INBOUND, PUBLIC, STATUS, TOKEN, Calls

HIT = "/webhooks/twilio/status/7"
IN = "/webhooks/twilio/inbound"
OTHER_TOKEN = "f" * 32


def kept(app: Flask) -> list[ProviderEvent]:
    with app.app_context():
        return list(db.session.scalars(select(ProviderEvent).order_by(ProviderEvent.id)))


def said(app: Flask) -> list[dict[str, str]]:
    """Return what the calls kept said, opened."""
    with app.app_context():
        return [fields_of(event) for event in db.session.scalars(select(ProviderEvent))]


def test_routes_without_a_form_token_are_the_reviewed_ones() -> None:
    assert WITHOUT_FORM_TOKEN == ("webhooks.status", "webhooks.inbound")


@pytest.mark.each_store
def test_signed_news_is_written_down_and_answered_with_nothing(app: Flask, calls: Calls) -> None:
    began = perf_counter()
    answer = calls(HIT, STATUS)
    assert perf_counter() - began < 1
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Set-Cookie" not in answer.headers
    (event,) = kept(app)
    assert (event.kind, event.message_id, said(app)) == (EventKind.STATUS, 7, [STATUS])
    assert event.due_at == event.received_at


@pytest.mark.each_store
def test_signed_text_is_written_down_and_answered_with_nothing_to_say(app: Flask, calls: Calls) -> None:
    answer = calls(IN, INBOUND)
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    assert [event.kind for event in kept(app)] == [EventKind.INBOUND]


#: What somebody who is not Twilio, or a proxy that is not ours, may try. All of it is refused.
FORGERIES: dict[str, dict[str, Any]] = {
    "no signature": {"signature": ""},
    "a guess": {"signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
    "not even text": {"signature": "\xff\xfe"},
    "the token of before": {"token": OTHER_TOKEN},
    "an empty token": {"token": ""},
    "another address": {"address": "https://evil.example.org"},
    "the address inside the proxy": {"address": "http://127.0.0.1:8000"},
    "a forged host": {
        "address": "https://localhost",
        "headers": {"X-Forwarded-Host": "localhost"},
    },
    "a forged scheme": {"address": "http://tracker.example.org", "headers": {"X-Forwarded-Proto": "http"}},
}


@pytest.mark.parametrize("path", [HIT, IN])
@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_call_is_refused_and_leaves_nothing(app: Flask, calls: Calls, path: str, forgery: str) -> None:
    fields = STATUS if path == HIT else INBOUND
    assert calls(path, fields, **FORGERIES[forgery]).status_code == 403
    assert kept(app) == []


def test_signature_of_other_fields_is_refused(app: Flask, calls: Calls) -> None:
    for changed in (STATUS | {"MessageStatus": "failed"}, STATUS | {"More": "1"}, {"MessageSid": "SM1"}):
        signed = RequestValidator(TOKEN).compute_signature(PUBLIC + HIT, STATUS)
        assert calls(HIT, changed, signature=signed).status_code == 403
    moved = RequestValidator(TOKEN).compute_signature(PUBLIC + HIT, STATUS)
    assert calls("/webhooks/twilio/status/8", STATUS, signature=moved).status_code == 403
    assert kept(app) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example.org, tracker.example.org"},
        {"X-Forwarded-Proto": "http, https"},
        {"X-Forwarded-For": "1.2.3.4, 54.172.60.1"},
        {"X-Forwarded-Prefix": "/elsewhere"},
    ],
)
def test_forged_forwarding_headers_change_nothing(app: Flask, calls: Calls, headers: dict[str, str]) -> None:
    assert calls(HIT, STATUS, headers=headers).status_code == 204
    assert len(kept(app)) == 1


def test_query_string_is_signed_too(app: Flask, calls: Calls) -> None:
    assert calls(f"{HIT}?edge=dublin&x=%20", STATUS).status_code == 204
    bare = RequestValidator(TOKEN).compute_signature(PUBLIC + HIT, STATUS)
    assert calls(f"{HIT}?edge=dublin", STATUS, signature=bare).status_code == 403
    assert len(kept(app)) == 1


def test_without_twilio_every_call_is_refused(
    app: Flask, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        console = replace(current_settings(), sms_provider="console")
        tokenless = replace(current_settings(), twilio_auth_token="")
    for standing in (console, tokenless):
        monkeypatch.setattr(f"{routes.__name__}.current_settings", lambda given=standing: given)
        assert calls(HIT, STATUS).status_code == 403
        assert calls(HIT, STATUS, token="").status_code == 403
    assert kept(app) == []


@pytest.mark.parametrize("path", [HIT, IN])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_are_not_allowed(calls: Calls, path: str, method: str) -> None:
    assert calls(path, method=method).status_code == 405


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""]
)
def test_other_content_is_refused(app: Flask, calls: Calls, content_type: str) -> None:
    assert calls(HIT, STATUS, content_type=content_type).status_code == 415
    assert kept(app) == []


def test_huge_call_is_refused(app: Flask, calls: Calls) -> None:
    assert calls(IN, INBOUND | {"Body": "x" * 70_000}).status_code == 413
    assert kept(app) == []


@pytest.mark.each_store
@pytest.mark.parametrize("path", [HIT, IN])
def test_replay_is_one_row(app: Flask, calls: Calls, path: str) -> None:
    fields = STATUS if path == HIT else INBOUND
    first = calls(path, fields)
    again = calls(path, fields)
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert len(kept(app)) == 1


def test_other_news_of_the_same_message_is_another_row(app: Flask, calls: Calls) -> None:
    for word in ("queued", "sent", "delivered", "sent"):
        assert calls(HIT, STATUS | {"MessageStatus": word}).status_code == 204
    assert [fields["MessageStatus"] for fields in said(app)] == ["queued", "sent", "delivered"]


#: Bodies that spoil careless programs.
BODIES = {
    "emoji": "👍🏽 ok",
    "Welsh": "Ŵyl hapus â'r tŷ",
    "NUL": "a\x00b",
    "long": "x" * 1600,
    "nothing": "",
    "lines": "one\r\ntwo\ttabs & = + %41",
    "right to left": "\u202eSTOP",
}


@pytest.mark.each_store
@pytest.mark.parametrize("body", BODIES)
def test_any_words_are_kept(app: Flask, calls: Calls, body: str) -> None:
    assert calls(IN, INBOUND | {"Body": BODIES[body]}).status_code == 200
    (fields,) = said(app)
    assert fields["Body"] == BODIES[body].replace("\x00", "\ufffd")


@pytest.mark.each_store
def test_words_and_number_are_sealed_until_somebody_looked_whose_they_are(app: Flask, calls: Calls) -> None:
    token = "Vzsn9Ubs"
    assert calls(IN, INBOUND | {"Body": f"this is his ex {token}"}).status_code == 200
    with app.app_context():
        stored = " ".join(map(str, db.session.execute(text("SELECT * FROM provider_events")).one()))
    assert token not in stored and INBOUND["From"] not in stored
    assert INBOUND["From"].lstrip("+") not in stored
    assert said(app)[0]["Body"].endswith(token)


def test_missing_fields_harm_nothing(app: Flask, calls: Calls) -> None:
    for missing in ("MessageSid", "MessageStatus"):
        fields = {name: text for name, text in STATUS.items() if name != missing}
        assert calls(HIT, fields).status_code == 204
    assert calls(HIT, {}).status_code == 204
    for missing in ("MessageSid", "From"):
        fields = {name: text for name, text in INBOUND.items() if name != missing}
        assert calls(IN, fields).status_code == 400
    assert kept(app) == []
    without_body = {name: text for name, text in INBOUND.items() if name not in {"Body", "NumMedia"}}
    assert calls(IN, without_body).status_code == 200


@pytest.mark.each_store
@pytest.mark.parametrize("number", ["999999", "2147483647"])
def test_unknown_message_is_answered_like_any_other(app: Flask, calls: Calls, number: str) -> None:
    assert calls(f"/webhooks/twilio/status/{number}", STATUS).status_code == 204
    assert all(event.message_id == int(number) for event in kept(app))


def test_call_needs_no_form_token_and_begins_no_session(app: Flask, calls: Calls) -> None:
    assert app.config.get("WTF_CSRF_ENABLED", True)
    for path, fields in ((HIT, STATUS), (IN, INBOUND)):
        answer = calls(path, fields)
        assert answer.status_code < 300
        assert "Set-Cookie" not in answer.headers
