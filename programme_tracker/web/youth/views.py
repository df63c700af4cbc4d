"""Who gets a young person's texts today, from when that changes, and what is missing for it."""

from dataclasses import dataclass
from datetime import date, datetime

from programme_tracker.kernel.working_time import local_date
from programme_tracker.people.models import Guardian, Participant
from programme_tracker.people.rules import age_on, is_under_16
from programme_tracker.referrals.rules import turns_sixteen_on

ADULT = 18


@dataclass(frozen=True)
class TextsGoTo:
    """Who gets texts now; ``problem`` says why nobody does, ``changes_on`` when it changes."""

    whom: str
    problem: str
    changes_on: date | None
    changes_to: str

    @property
    def is_nobody(self) -> bool:
        """Tell whether texts reach nobody now."""
        return bool(self.problem)


def concerns(person: Participant, now: datetime) -> bool:
    """Tell whether somebody's texts are, or were, a guardian's matter."""
    return age_on(person.born_on, local_date(now)) < ADULT or person.guardian is not None


def texts_go_to(person: Participant, now: datetime) -> TextsGoTo:
    """Return who gets texts on the present London date (product.md §5)."""
    if is_under_16(person.born_on, local_date(now)):
        guardian = person.guardian
        return TextsGoTo(
            guardian.name if guardian else "nobody",
            _guardian_problem(guardian),
            turns_sixteen_on(person.born_on),
            "Then texts pause until they are asked for consent of their own.",
        )
    return TextsGoTo(person.name, _own_problem(person), None, "")


def _guardian_problem(guardian: Guardian | None) -> str:
    if guardian is None:
        return "Under 16, and no guardian is named."
    if guardian.is_barred:
        return "The guardian is barred."
    if not guardian.has_consented:
        return "The guardian has not consented."
    return "" if guardian.mobile else "The guardian has no mobile number."


def _own_problem(person: Participant) -> str:
    if person.own_consent_at is None:
        return "16 now, and they have not been asked for consent of their own."
    if person.opted_out_at is not None:
        return "They asked for no texts."
    return "" if person.mobile else "They have no mobile number."
