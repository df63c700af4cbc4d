"""A text's life in plain words: each step, why one did not go, and what an error means."""

from collections.abc import Mapping

from programme_tracker.messaging.models import Message, MessageChange
from programme_tracker.messaging.rules import BlockedReason, MessageState
from programme_tracker.web.presentation import words

_S = MessageState

#: What each step is called.
STEPS: Mapping[MessageState, str] = {
    _S.PLANNED: "Planned",
    _S.CLAIMED: "Taken up",
    _S.SENDING: "Handed to the provider",
    _S.ACCEPTED: "The provider has it",
    _S.SENT: "On its way to the phone",
    _S.DELIVERED: "Delivered",
    _S.BLOCKED: "Not sent",
    _S.CANCELLED: "Taken back before it went",
    _S.EXPIRED: "Too late to be of use",
    _S.UNDELIVERED: "Not delivered",
    _S.FAILED: "Failed",
    _S.UNKNOWN: "Not known whether it went",
}

#: The colour of a step's marker (see components.css).
MARKERS: Mapping[MessageState, str] = {
    _S.DELIVERED: "done",
    _S.ACCEPTED: "now",
    _S.SENT: "now",
    _S.SENDING: "now",
    _S.BLOCKED: "held",
    _S.UNKNOWN: "held",
    _S.FAILED: "late",
    _S.UNDELIVERED: "late",
}

#: Why a text did not go, for whoever has to do something instead.
BLOCKED: Mapping[BlockedReason, str] = {
    BlockedReason.GATE: "The sign-off was not granted.",
    BlockedReason.SUSPENDED: "They were suspended or had left.",
    BlockedReason.SESSION_CHANGED: "The session had been moved or cancelled meanwhile.",
    BlockedReason.OUTCOME_RECORDED: "The register was submitted already.",
    BlockedReason.NUMBER_INVALID: "There was no mobile number to text.",
    BlockedReason.NUMBER_SHARED: "Another participant has this number too.",
    BlockedReason.NUMBER_UNUSABLE: "The number is unusable.",
    BlockedReason.OPTED_OUT: "They had asked for no more texts.",
    BlockedReason.RECONSENT: "Nobody had agreed to texts at this number yet.",
    BlockedReason.EXPIRED: "Its moment had passed.",
    BlockedReason.IN_CUSTODY: "They were in custody.",
    BlockedReason.ALREADY_READ: "It had been read already.",
    BlockedReason.NO_ADDRESS: "There was no address for it.",
    BlockedReason.ACCOUNT_DISABLED: "The account was disabled.",
}

_REPORTED: Mapping[str, str] = {
    "queued": "it waits at the provider",
    "accepted": "it waits at the provider",
    "scheduled": "it waits at the provider",
    "sending": "it is being sent",
    "sent": "the network has it",
    "delivered": "the phone has it",
    "read": "it was read",
    "undelivered": "it did not arrive",
    "failed": "it could not be sent",
    "canceled": "it was cancelled there",
}


def step_words(change: MessageChange) -> tuple[str, str]:
    """Return a step's title and its cause in a sentence, empty where the title says all."""
    title = STEPS[change.to_state]
    if change.to_state is _S.PLANNED and change.from_state is not None:
        title = "Planned again"
    return title, _cause_words(change.cause)


def _cause_words(cause: str) -> str:
    if cause in {"planned", "planned again", "taken by the provider"} or cause.startswith("claimed by"):
        return ""
    if cause.startswith("taken over by"):
        return "Whoever had it before did not finish."
    if cause.startswith("attempt "):
        return f"{words(cause)}."
    if cause.startswith("reported "):
        said = cause.removeprefix("reported ").lower()
        return f"The provider says: {_REPORTED.get(said, said)}."
    if cause in set(BlockedReason):
        return BLOCKED[BlockedReason(cause)]
    return f"{cause[:1].upper()}{cause[1:].rstrip('.')}." if cause else ""


def why_not_gone(message: Message) -> str | None:
    """Say why a text did not go; None where nothing kept it."""
    return BLOCKED[message.blocked_reason] if message.blocked_reason else None
