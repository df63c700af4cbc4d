"""The providers that send nothing, and the choice among them."""

from dataclasses import replace
from pathlib import Path

import pytest

from programme_tracker.config import load_settings
from programme_tracker.messaging.providers import (
    ConsoleProvider,
    ProviderError,
    RecordingProvider,
    SentText,
    provider_for,
)
from programme_tracker.messaging.providers.twilio import TwilioProvider


def test_console_takes_everything_under_a_new_id() -> None:
    provider = ConsoleProvider()
    sids = {
        provider.send(to="+447700900101", body="Hi", message_id=1, validity_seconds=60).sid for _ in range(3)
    }
    assert len(sids) == 3


def test_recorder_keeps_texts_and_fails_when_told() -> None:
    provider = RecordingProvider()
    provider.fail_next(ProviderError("429"))
    with pytest.raises(ProviderError):
        provider.send(to="+447700900101", body="Hi", message_id=1, validity_seconds=60)
    accepted = provider.send(to="+447700900101", body="Hi", message_id=1, validity_seconds=60)
    assert provider.sent == [SentText("+447700900101", "Hi", 1, 60, accepted.sid)]


def test_provider_is_the_one_the_settings_name(tmp_path: Path) -> None:
    settings = load_settings({"PT_DEMO": "1", "PT_INSTANCE_PATH": str(tmp_path)})
    assert isinstance(provider_for(settings), ConsoleProvider)
    twilio = replace(
        settings,
        sms_provider="twilio",
        twilio_account_sid="AC0",
        twilio_auth_token="token",
        twilio_from="+447700900900",
    )
    assert isinstance(provider_for(twilio), TwilioProvider)
