"""The provider of rehearsals and tests: keeps what it is given."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from programme_tracker.messaging.outcomes import Accepted, Report
from programme_tracker.messaging.providers.signals import NO_ANSWER, ProviderError


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
        self._losses = 0
        #: The provider's word on a text and its code, by its id, for whoever asks.
        self.statuses: dict[str, tuple[str, str | None]] = {}
        self.redacted: list[str] = []

    def fail_next(self, *errors: ProviderError) -> None:
        """Raise these, in order, in the next calls."""
        self._failures.extend(errors)

    def lose_answers(self, count: int = 1) -> None:
        """Take the next texts, but lose the answer."""
        self._losses += count

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Keep a text, unless the next call is to fail."""
        if self._failures:
            raise self._failures.popleft()
        sid = f"recorded-{len(self.sent) + 1}"
        self.sent.append(SentText(to, body, message_id, validity_seconds, sid))
        if self._losses:
            self._losses -= 1
            raise ProviderError(NO_ANSWER)
        return Accepted(sid)

    def find(self, to: str, since: datetime) -> list[Report]:
        """Return every text kept for a number; the recorder has no clock."""
        return [self._report(text) for text in self.sent if text.to == to]

    def fetch(self, sid: str) -> Report | None:
        """Return what ``statuses`` says of a text, ``sent`` where it says nothing."""
        return next((self._report(text) for text in self.sent if text.sid == sid), None)

    def redact(self, sid: str) -> None:
        """Note whose words were to go."""
        self.redacted.append(sid)

    def _report(self, text: SentText) -> Report:
        status, code = self.statuses.get(text.sid, ("sent", None))
        return Report(text.sid, status, text.body, None, code)
