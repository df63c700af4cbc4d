"""What every provider promises."""

from datetime import datetime
from typing import Protocol

from programme_tracker.messaging.outcomes import Accepted, Report


class Carrier(Protocol):
    """Takes one message at a time; what more there is to know of it is not to be had."""

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Hand one message over; blocks until it was taken. Raises ProviderError."""
        ...


class Provider(Protocol):
    """Carries texts. One object serves all threads of a worker."""

    def send(self, *, to: str, body: str, message_id: int, validity_seconds: int) -> Accepted:
        """Hand one text over; blocks until the provider answers.

        ``to`` is E.164; ``message_id`` is ours and comes back with delivery news; after
        ``validity_seconds`` the provider should not deliver it any more. Raises ProviderError.
        """
        ...

    def find(self, to: str, since: datetime) -> list[Report]:
        """Return everything of ours to a number (E.164) that the provider got at ``since`` or later.

        May hold earlier ones too: look at ``created_at``. Raises ProviderError.
        """
        ...

    def fetch(self, sid: str) -> Report | None:
        """Return what the provider says of one message now; None when it has no such message.

        Raises ProviderError.
        """
        ...

    def redact(self, sid: str) -> None:
        """Take the words away that the provider keeps; a message it no longer has counts as done.

        Raises ProviderError, also while the message is still on its way.
        """
        ...
