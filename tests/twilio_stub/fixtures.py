"""The stub as fixtures. A module of tests takes them by naming them: ``stub = fixtures.stub``."""

from collections.abc import Iterator

import pytest

from programme_tracker.kernel.clock import SettableClock
from programme_tracker.messaging.providers.twilio import TwilioProvider
from tests.twilio_stub.server import ACCOUNT, TOKEN, TwilioStub


@pytest.fixture
def stub(clock: SettableClock) -> Iterator[TwilioStub]:
    """Give a Twilio that goes by the test's clock; every call must have kept to the contract."""
    with TwilioStub() as stub:
        stub.clock = clock.now
        yield stub
        assert stub.faults == []


@pytest.fixture
def twilio(stub: TwilioStub) -> TwilioProvider:
    """Give the provider that talks to the stub."""
    return TwilioProvider(
        ACCOUNT,
        TOKEN,
        from_number="+447700900900",
        base_url=stub.address,
        public_url="https://tracker.example.org",
        timeout=5,
    )
