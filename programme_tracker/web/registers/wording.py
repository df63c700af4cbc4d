"""Outcomes and reasons in the words of the register."""

from programme_tracker.attendance.rules import OUTCOMES, Outcome, Reason

#: The same words as the chips of components/status.html.
OUTCOME_WORDS = {
    Outcome.ATTENDED: "Attended",
    Outcome.ATTENDED_LATE: "Attended late",
    Outcome.LEFT_EARLY: "Left early",
    Outcome.SENT_HOME: "Sent home",
    Outcome.REFUSED_LATE: "Late, refused entry",
    Outcome.ABSENT: "Absent",
    Outcome.ABSENT_UNACCEPTABLE: "Absent, not acceptable",
    Outcome.ABSENT_ACCEPTABLE: "Absent, acceptable",
    Outcome.EXCUSED_PROVIDER: "Cancelled by us",
    Outcome.EXCUSED_SUSPENDED: "Suspended that day",
}

REASON_WORDS = {
    Reason.MEDICAL: "Medical",
    Reason.WORK: "Work",
    Reason.CARING: "Caring for somebody",
    Reason.COURT: "Court",
    Reason.RELIGIOUS: "Religious",
    Reason.HOLIDAY_AGREED: "Holiday, agreed before",
    Reason.CUSTODY: "In custody",
    Reason.BEREAVEMENT: "Bereavement",
    Reason.OTHER: "Another reason",
}

Choices = list[tuple[str, str]]

REASONS: Choices = [(reason.value, said) for reason, said in REASON_WORDS.items()]


def outcomes_offered(grace_minutes: int) -> tuple[Choices, Choices]:
    """Return the outcomes one tap away, and those behind a fold; never the system's own.

    Where nobody late is let in, late means refused and nothing else.
    """
    late = Outcome.ATTENDED_LATE if grace_minutes else Outcome.REFUSED_LATE
    first = [
        (Outcome.ATTENDED.value, "Attended"),
        (late.value, "Late" if grace_minutes else "Late, refused"),
        (Outcome.ABSENT.value, "Absent"),
    ]
    shown = {value for value, _ in first}
    if not grace_minutes:
        shown.add(Outcome.ATTENDED_LATE.value)
    return first, [pair for pair in every_outcome() if pair[0] not in shown]


def every_outcome() -> Choices:
    """Return every outcome that a person may set."""
    return [
        (outcome.value, said) for outcome, said in OUTCOME_WORDS.items() if not OUTCOMES[outcome].system_only
    ]


def outcome_words(outcome: str) -> str:
    """Return a stored outcome in words."""
    return OUTCOME_WORDS[Outcome(outcome)]


def reason_words(reason: str | None) -> str:
    """Return a stored reason in words, or nothing."""
    return REASON_WORDS[Reason(reason)] if reason else ""
