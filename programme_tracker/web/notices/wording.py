"""Notices in the field's words: what each kind is called, and each fact of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from programme_tracker.attendance.rules import Outcome
from programme_tracker.escalation.models import Notice, NoticeKind
from programme_tracker.kernel.working_time import from_local, local_date
from programme_tracker.web.presentation import day_words, moment_words, words

#: What a notice is called where it is listed.
TITLES: Mapping[str, str] = {
    NoticeKind.NON_ENGAGEMENT: "Stopped engaging",
    NoticeKind.BREACH: "Mandated session missed",
    NoticeKind.CANNOT_COMPLETE: "Cannot complete before the caution expires",
    NoticeKind.CORRECTION: "Correction of what you were told",
    NoticeKind.CHASE: "Not acknowledged in time",
    NoticeKind.PROGRAMME_CHANGE: "Session changed",
    NoticeKind.STARTED: "Started the programme",
    NoticeKind.COMPLETED: "Completed the programme",
    NoticeKind.SUSPENDED: "Suspended",
    NoticeKind.WITHDRAWN: "Left the programme",
    NoticeKind.TRANSFERRED: "Moved to another group",
    NoticeKind.REARREST: "Arrested again",
    NoticeKind.NUMBER_CONFLICT: "A protected number was given",
    NoticeKind.WRONG_PERSON: "A reply from somebody else",
    NoticeKind.DANGER: "Imminent danger",
    NoticeKind.BREAK_GLASS: "A manager opened a partner’s file",
    NoticeKind.RESTRICTED: "For victim safety alone",
}

#: One sentence under the title where the facts hold no better one.
SENTENCES: Mapping[str, str] = {
    NoticeKind.NON_ENGAGEMENT: "The engagement rules raised a red flag.",
    NoticeKind.BREACH: "A workshop that a caution asks for was missed.",
    NoticeKind.CANNOT_COMPLETE: "The two workshops no longer fit before the caution expires.",
    NoticeKind.CORRECTION: "An earlier notice was recorded in error.",
    NoticeKind.CHASE: "A notice has not been acknowledged in time.",
    NoticeKind.PROGRAMME_CHANGE: "A session was moved or cancelled: he may be home at another time.",
    NoticeKind.STARTED: "Came to the first session.",
    NoticeKind.COMPLETED: "Did everything the programme asks for.",
    NoticeKind.SUSPENDED: "No sessions and no texts until this is lifted.",
    NoticeKind.WITHDRAWN: "Is no longer on the programme.",
    NoticeKind.TRANSFERRED: "Comes on another night from now on.",
    NoticeKind.REARREST: "Arrested again while on the programme.",
    NoticeKind.NUMBER_CONFLICT: "Somebody gave a safe number as a participant’s own.",
    NoticeKind.WRONG_PERSON: "Somebody else answered a text. Nothing more goes to that number.",
    NoticeKind.DANGER: "Everybody was told at once.",
    NoticeKind.BREAK_GLASS: "Somebody broke the glass. Who it was and why stands in the file.",
    NoticeKind.RESTRICTED: "Open it to see what it is about.",
}

#: Facts in the order in which they are shown.
LABELS: Mapping[str, str] = {
    "name": "Name",
    "caution_reference": "Caution reference",
    "programme": "Programme",
    "session_label": "Session",
    "session_on": "Date",
    "attendance": "Attendance",
    "outcome": "Outcome",
    "reason_offered": "Reason offered, undecided",
    "risk": "Risk",
    "explanations": "What happened",
    "reason": "Reason",
    "danger": "What the danger is",
    "changed_from": "Was",
    "changed_to": "Is now",
    "reminders": "Reminders before it",
}

OUTCOMES: Mapping[str, str] = {
    Outcome.REFUSED_LATE: "Late, refused entry",
    Outcome.ABSENT_UNACCEPTABLE: "Absent, not acceptable",
    Outcome.ABSENT_ACCEPTABLE: "Absent, acceptable",
    Outcome.EXCUSED_PROVIDER: "Cancelled by us",
    Outcome.EXCUSED_SUSPENDED: "Suspended that day",
}

ROLES: Mapping[str, str] = {
    "victim_safety": "victim safety",
    "police": "police",
    "enforcement": "enforcement",
    "lead": "the lead",
    "referrer": "the referrer",
    "manager": "the manager",
}


#: Notices that tell of more harm than a missed session.
_GRAVE = frozenset({NoticeKind.REARREST, NoticeKind.NUMBER_CONFLICT, NoticeKind.WRONG_PERSON})


@dataclass(frozen=True)
class Fact:
    """One fact of a notice: its label, and one or several lines."""

    label: str
    lines: tuple[str, ...]


def title_of(notice: Notice) -> str:
    """Name a notice by whom it is about and what it says."""
    name = notice.facts.get("name")
    kind = TITLES.get(notice.kind, words(notice.kind))
    return f"{name}: {kind[:1].lower()}{kind[1:]}" if name else kind


def kind_title(kind: str) -> str:
    """Name a kind of notice."""
    return TITLES.get(kind, words(kind))


def is_of_danger(notice: Notice) -> bool:
    """Tell whether a notice says that somebody is in danger now."""
    return notice.kind == NoticeKind.DANGER


def is_grave(notice: Notice) -> bool:
    """Tell whether a notice tells of high risk, as far as its own facts say, or is grave by its kind."""
    return notice.kind in _GRAVE or notice.facts.get("risk") == "high"


def why_of(notice: Notice) -> str:
    """Say in a sentence why a notice is there, from its own facts where they tell."""
    explanations = notice.facts.get("explanations") or []
    return str(explanations[0]) if explanations else SENTENCES.get(notice.kind, "")


def recipient_words(notice: Notice) -> str:
    """Say to whom a notice goes: "victim safety (Vera Safety)" or the whole role."""
    role = ROLES.get(notice.to_role, words(notice.to_role).lower())
    return f"{role} ({notice.staff.name})" if notice.staff is not None else role


def facts_of(notice: Notice, now: datetime) -> list[Fact]:
    """Return exactly what the notice holds, in words; nothing is looked up beside it."""
    known = [name for name in LABELS if name in notice.facts]
    others = [name for name in notice.facts if name not in LABELS]
    return [
        Fact(LABELS.get(name, words(name)), _lines(name, notice.facts[name], now)) for name in known + others
    ]


def _lines(name: str, value: Any, now: datetime) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(line) for line in value)
    return (_words(name, str(value), now),)


def _words(name: str, value: str, now: datetime) -> str:
    if name == "session_on":
        return day_words(date.fromisoformat(value), local_date(now))
    if name in ("changed_from", "changed_to"):
        return moment_words(from_local(datetime.fromisoformat(value).replace(tzinfo=None)), now)
    if name == "outcome":
        return OUTCOMES.get(value, words(value))
    if name in ("risk", "attendance", "reason_offered", "session_label"):
        return words(value)
    if name == "reminders":
        return words(value.removeprefix("Reminders: "))
    return value
