"""What is sent, and how: the same text to the same number by the same library, whoever dispatches it."""

import os
from functools import cache

from programme_tracker.messaging.providers.twilio import TwilioProvider


def body_of(number: int) -> str:
    """Return the words of one text; each is told from every other."""
    return f"Reminder: appointment Thu 26 Nov 6.30pm. Queries 01632 960001. {number:06d}"


def number_of(body: str) -> int:
    """Tell which text a body is of."""
    return int(body[-6:])


def mobile_of(number: int) -> str:
    """Return the mobile one text goes to, one of those kept for drama."""
    return f"+447700900{number % 1000:03d}"


@cache
def _provider(address: str) -> TwilioProvider:
    return TwilioProvider(
        "AC" + "0" * 32, "0" * 32, from_number="+441632960001", public_url="", base_url=address
    )


def send(number: int) -> None:
    """Hand one text to the stub at BENCH_STUB; without one there is nothing to wait for."""
    address = os.environ.get("BENCH_STUB", "")
    if address:
        _provider(address).send(
            to=mobile_of(number), body=body_of(number), message_id=number, validity_seconds=3600
        )
