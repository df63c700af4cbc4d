"""Partner records: what may be written in them, and when something falls due. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from programme_tracker.people.rules import folded
from programme_tracker.referrals.rules import add_months

#: How long a given reason opens one partner's file, within one sign-in.
VIEW_LASTS = timedelta(minutes=15)


class EntryKind(StrEnum):
    """What an entry of a partner's file is."""

    DETAILS = "details"
    CONTACT = "contact"
    DASH = "dash"
    PLAN = "plan"
    IMPACT = "impact"
    CHANGE = "change"
    LINK = "link"


class ViewReason(StrEnum):
    """Why somebody opens a partner's file."""

    CONTACT_DUE = "contact_due"
    ALERT = "alert"
    SIGN_OFF = "sign_off"
    THEY_RANG = "they_rang"
    OTHER = "other"
    BREAK_GLASS = "break_glass"


class ContactOutcome(StrEnum):
    """What came of a contact that was due."""

    SPOKE = "spoke"
    DECLINED = "declined"
    ATTEMPTED = "attempted"
    UNREACHABLE = "unreachable"
    UNSAFE = "unsafe"

    @property
    def finishes(self) -> bool:
        """Tell whether a contact that was due is done with this; after an attempt it is still due."""
        return self is not ContactOutcome.ATTEMPTED

    @property
    def must_explain(self) -> bool:
        """Tell whether something must have been explained: refusing support still earns information.

        domain.md §5.
        """
        return self is ContactOutcome.DECLINED


class ImpactPoint(StrEnum):
    """The IMPACT toolkit's five time points (domain.md §7)."""

    T0 = "T0"
    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"


@dataclass(frozen=True)
class Course:
    """The London dates on which one enrolment came so far; None for what has not happened."""

    taken_on: date
    started_on: date | None = None
    halfway_on: date | None = None
    ended_on: date | None = None
    follow_up_months: int = 6


def impact_points(course: Course) -> dict[ImpactPoint, date]:
    """Return the London date on which each time point that is known by now falls due.

    T0 intake, T1 start, T2 halfway, T3 the end however it ends, T4 the follow-up months after it
    (domain.md §7). Who leaves before the start or before halfway has no T1 or T2 left to ask.
    """
    due = {ImpactPoint.T0: course.taken_on}
    if course.started_on is not None:
        due[ImpactPoint.T1] = course.started_on
    halfway = course.halfway_on
    if halfway is not None and (course.ended_on is None or halfway <= course.ended_on):
        due[ImpactPoint.T2] = halfway
    if course.ended_on is not None:
        due[ImpactPoint.T3] = course.ended_on
        due[ImpactPoint.T4] = add_months(course.ended_on, course.follow_up_months)
    return due


def impact_to_ask(course: Course, answered: Iterable[str], today: date) -> list[tuple[ImpactPoint, date]]:
    """Return the time points that are due by a London date and not answered, oldest first.

    An intake or start that was missed is not asked for once the next point is due: answers given
    later would speak of another time.
    """
    done = set(answered)
    due = [(point, day) for point, day in impact_points(course).items() if day <= today]
    return [(point, day) for point, day in due[-1:] if point not in done]


def identity_of(name: str, born_on: date) -> str:
    """Return what tells a person from others, however the name was typed: for the blind index."""
    words = "".join(c if c.isalnum() else " " for c in folded(name).replace("'", "").replace("’", ""))
    return f"{' '.join(sorted(words.split()))}|{born_on.isoformat()}"


def dash_level_of(score: int | None) -> str | None:
    """Return the level that a DASH score suggests; professional judgement decides (domain.md §6)."""
    if not score:
        return None
    return "high" if score >= 14 else "medium" if score >= 10 else "standard"
