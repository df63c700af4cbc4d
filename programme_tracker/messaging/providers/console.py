"""The provider of demonstrations: takes every text and sends none."""

import uuid
from datetime import datetime, timedelta

from programme_tracker.messaging.outcomes import Accepted, Report

#: How the ids begin that it gives, so that its own texts are known from those of another provider.
SID_PREFIX = "console-"

#: How long after it was taken a text counts as delivered.
DELIVERED_AFTER = timedelta(seconds=5)


class ConsoleProvider:
    """Accepts everything under a made-up id; the texts are read on the page that looks like a phone.

    With ``delivers`` every text is reported as delivered a few seconds later, as a network would.
    """

    def __init__(self, *, delivers: bool = False) -> None:
        self.delivers = delivers

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Take a text; it goes nowhere."""
        return Accepted(sid=f"{SID_PREFIX}{message_id}-{uuid.uuid4().hex[:12]}")

    def find(self, to: str, since: datetime) -> list[Report]:
        """Know of nothing: no text was ever sent."""
        return []

    def fetch(self, sid: str) -> Report | None:
        """Know of nothing."""
        return None

    def redact(self, sid: str) -> None:
        """Keep nothing, so that nothing is to be taken away."""
