"""Refusals: what the application will not do, and what to do instead."""

from enum import StrEnum


class Code(StrEnum):
    """Why something was refused (product.md §3, §4, §8)."""

    GATE_NOT_GRANTED = "gate_not_granted"
    CLASH_PARTICIPANT = "clash_participant"
    CLASH_STAFF = "clash_staff"
    CLASH_VENUE = "clash_venue"
    FULL = "full"
    NOT_ELIGIBLE = "not_eligible"
    TOO_SOON_AFTER_PART_A = "too_soon_after_part_a"
    AFTER_CAUTION_EXPIRES = "after_caution_expires"
    PART_A_FIRST = "part_a_first"
    BANK_HOLIDAY = "bank_holiday"
    IN_THE_PAST = "in_the_past"
    SEPARATED = "separated"
    NOT_ALLOWED = "not_allowed"
    NEEDS_APPROVAL = "needs_approval"
    NEEDS_COSIGNATURE = "needs_cosignature"
    NUMBER_UNUSABLE = "number_unusable"


class RefusedError(Exception):
    """The application refused a request.

    ``code`` is stable and for programs; ``message`` tells the person what to do next;
    ``field`` names the form field it belongs beside, if there is one.
    """

    def __init__(self, code: Code, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
