"""The provider of rehearsals and tests: keeps what it is given."""

from collections import deque
from dataclasses import dataclass

from programme_tracker.messaging.outcomes import Accepted
from programme_tracker.messaging.providers.signals import ProviderError


@dataclass(frozen=True)
class SentText:
    """One text as the provider got it."""

    to: str
    body: str
    message_id: int
    validity_seconds: int
    sid: str


class RecordingProvider:
    """Keeps every text, and fails when it is told to."""

    def __init__(self) -> None:
        self.sent: list[SentText] = []
        self._failures: deque[ProviderError] = deque()

    def fail_next(self, *errors: ProviderError) -> None:
        """Raise these, in order, in the next calls."""
        self._failures.extend(errors)

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Keep a text, unless the next call is to fail."""
        if self._failures:
            raise self._failures.popleft()
        sid = f"recorded-{len(self.sent) + 1}"
        self.sent.append(SentText(to, body, message_id, validity_seconds, sid))
        return Accepted(sid)
