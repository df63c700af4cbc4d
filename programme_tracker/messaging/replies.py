"""What an inbound text asks of us: pure functions (product.md §5)."""

from enum import StrEnum


class ReplyKind(StrEnum):
    """What a reply says."""

    WRONG_PERSON = "wrong_person"
    STOP = "stop"
    START = "start"
    HELP = "help"
    CONFIRM = "confirm"
    CALL_ME = "call_me"
    OTHER = "other"
