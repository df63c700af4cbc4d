"""How one attempt at sending ended: plain values."""

from dataclasses import dataclass
from datetime import datetime

from programme_tracker.messaging.rules import MessageState


@dataclass(frozen=True)
class Accepted:
    """The provider has the message, under its own id ``sid``.

    ``is_kept`` says that the provider keeps a copy: it can be asked for news of it, and the copy's
    words are to be taken away in the end.
    """

    sid: str
    state: MessageState = MessageState.ACCEPTED
    is_kept: bool = False


@dataclass(frozen=True)
class Report:
    """What a provider has on one message of ours: its id, words, progress and when it was made.

    ``created_at`` is the provider's own clock; None where it does not say. An empty ``body`` means
    that the words are gone there, not that there were none.
    """

    sid: str
    status: str
    body: str = ""
    created_at: datetime | None = None
    error_code: str | None = None


@dataclass(frozen=True)
class Failed:
    """The provider certainly did not take it, and trying again would not help."""

    error_code: str
    cause: str


@dataclass(frozen=True)
class Unknown:
    """The answer was lost: the provider may or may not have it. Never sent again unasked."""

    cause: str
    error_code: str | None = None


@dataclass(frozen=True)
class RetryAt:
    """The provider certainly did not take it; try again at ``at`` if it is still of use.

    ``spends_attempt`` is False where the fault is ours and says nothing about the message.
    """

    at: datetime
    cause: str
    error_code: str | None = None
    spends_attempt: bool = True


Outcome = Accepted | Failed | Unknown | RetryAt
