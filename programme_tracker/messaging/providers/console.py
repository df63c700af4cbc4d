"""The provider of demonstrations: takes every text and sends none."""

import uuid

from programme_tracker.messaging.outcomes import Accepted


class ConsoleProvider:
    """Accepts everything under a made-up id; the texts are read on the page that looks like a phone."""

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Take a text; it goes nowhere."""
        return Accepted(sid=f"console-{message_id}-{uuid.uuid4().hex[:12]}")
