"""What every provider promises."""

from typing import Protocol

from programme_tracker.messaging.outcomes import Accepted


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
