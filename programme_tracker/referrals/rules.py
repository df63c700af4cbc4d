"""Who may come on a programme, and the states a referral, a gate and an enrolment go through.

Pure functions. ``datetime`` values are aware UTC instants, ``date`` values London dates.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.people.rules import age_on as age_on

YES, NO, UNKNOWN = "yes", "no", "unknown"
DASH_LEVELS = frozenset({"standard", "medium", "high"})


class ReferralStatus(StrEnum):
    """How far a referral has come (product.md §3)."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    INFORMATION_REQUESTED = "information_requested"
    REJECTED = "rejected"


class Gate(StrEnum):
    """Victim safety's sign-off on one enrolment (product.md §3)."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NOT_APPLICABLE = "not_applicable"


class EnrolmentStatus(StrEnum):
    """Where one person stands on one programme (product.md §3)."""

    WAITLISTED = "waitlisted"
    ENROLLED = "enrolled"
    ATTENDING = "attending"
    COMPLETED = "completed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    DESELECTED = "deselected"
    TRANSFERRED = "transferred"
    BREACH_REPORTED = "breach_reported"
    BREACH_DECIDED = "breach_decided"


class PoliceDecision(StrEnum):
    """What police decided after a breach report; entered, never inferred (product.md §3)."""

    EXCUSED = "excused"
    VARIED = "varied"
    REBOOKED = "rebooked"
    CHARGED = "charged"


class SuspensionReason(StrEnum):
    """Why an enrolment is suspended; facilitators see only that it is."""

    CUSTODY = "custody"
    ILLNESS = "illness"
    SAFETY = "safety"
    OTHER = "other"
    SIGN_OFF_WITHDRAWN = "sign_off_withdrawn"
    REARREST = "rearrest"


_R, _G, _E = ReferralStatus, Gate, EnrolmentStatus
_UNDER_WAY = frozenset({_E.WAITLISTED, _E.ENROLLED, _E.ATTENDING})
_STOPPED = frozenset({_E.SUSPENDED, _E.WITHDRAWN, _E.DESELECTED, _E.TRANSFERRED, _E.BREACH_REPORTED})
_ENDED = frozenset({_E.COMPLETED, _E.WITHDRAWN, _E.DESELECTED, _E.TRANSFERRED})

#: From which state to which, by kind of state. What is not listed is not allowed.
ALLOWED: dict[type[StrEnum], dict[StrEnum, frozenset[StrEnum]]] = {
    ReferralStatus: {
        _R.RECEIVED: frozenset({_R.ACCEPTED, _R.INFORMATION_REQUESTED, _R.REJECTED}),
        # Received again once the referrer has answered.
        _R.INFORMATION_REQUESTED: frozenset({_R.RECEIVED, _R.ACCEPTED, _R.REJECTED}),
        _R.ACCEPTED: frozenset(),
        _R.REJECTED: frozenset(),
    },
    # Back to pending: both partners turn out to be participants, so it is decided anew (§9).
    Gate: {
        _G.PENDING: frozenset({_G.GRANTED, _G.REFUSED, _G.NOT_APPLICABLE}),
        _G.GRANTED: frozenset({_G.WITHDRAWN, _G.PENDING}),
        _G.WITHDRAWN: frozenset({_G.GRANTED, _G.PENDING}),
        _G.REFUSED: frozenset({_G.GRANTED, _G.PENDING}),
        _G.NOT_APPLICABLE: frozenset({_G.GRANTED, _G.REFUSED, _G.WITHDRAWN, _G.PENDING}),
    },
    # Steps back among the early states are corrections of a register.
    EnrolmentStatus: {
        # Police may decide without a breach once they were told that the workshops no longer fit.
        _E.WAITLISTED: frozenset({_E.ENROLLED, _E.ATTENDING, _E.BREACH_DECIDED}) | _STOPPED,
        _E.ENROLLED: frozenset({_E.WAITLISTED, _E.ATTENDING, _E.COMPLETED, _E.BREACH_DECIDED}) | _STOPPED,
        _E.ATTENDING: frozenset({_E.WAITLISTED, _E.ENROLLED, _E.COMPLETED, _E.BREACH_DECIDED}) | _STOPPED,
        _E.COMPLETED: _UNDER_WAY | {_E.BREACH_REPORTED},
        _E.SUSPENDED: _UNDER_WAY | _ENDED | {_E.BREACH_REPORTED, _E.BREACH_DECIDED},
        _E.BREACH_REPORTED: _UNDER_WAY | {_E.SUSPENDED, _E.BREACH_DECIDED, _E.COMPLETED},
        _E.BREACH_DECIDED: _UNDER_WAY | _STOPPED | {_E.COMPLETED},
        _E.WITHDRAWN: frozenset(),
        _E.DESELECTED: frozenset(),
        _E.TRANSFERRED: frozenset(),
    },
}


def may_change(before: StrEnum, after: StrEnum) -> bool:
    """Tell whether a state may follow another of the same kind; staying put is no change.

    What has ended is reopened by a manager with a reason, which ``may_reopen`` answers. Raises
    TypeError for two kinds of state, since equal words of two kinds compare as equal.
    """
    if type(before) is not type(after):
        raise TypeError(f"{before!r} and {after!r} are states of two kinds")
    return after in ALLOWED[type(before)][before]


def may_reopen(before: EnrolmentStatus, after: EnrolmentStatus) -> bool:
    """Tell whether a manager may bring an ended enrolment back to this state (domain.md §2)."""
    return before in _ENDED | {_E.BREACH_DECIDED} and after in _UNDER_WAY


def has_ended(status: EnrolmentStatus, decision: PoliceDecision | None = None) -> bool:
    """Tell whether an enrolment is over; a decided breach ends it only when police charged."""
    return status in _ENDED or (status == _E.BREACH_DECIDED and decision == PoliceDecision.CHARGED)


def is_live(status: EnrolmentStatus, decision: PoliceDecision | None = None) -> bool:
    """Tell whether an enrolment is neither suspended nor ended, so that texts may go to the person."""
    return status != _E.SUSPENDED and not has_ended(status, decision)


def gate_is_open(gate: Gate) -> bool:
    """Tell whether anything at all may go to the participant (product.md §3)."""
    return gate in {_G.GRANTED, _G.NOT_APPLICABLE}


@dataclass(frozen=True)
class EligibilityQuestion:
    """One thing a programme asks of a referral, and the sentence that refuses one that fails."""

    key: str
    text: str
    hint: str
    refuses_with: str
    #: Answered by a DASH level instead of yes or no.
    by_level: bool = False

    def answers(self) -> frozenset[str]:
        """Return every answer that may be given."""
        return (DASH_LEVELS if self.by_level else frozenset({YES, NO})) | {UNKNOWN}


CARA_QUESTIONS: tuple[EligibilityQuestion, ...] = (
    EligibilityQuestion(
        "adult",
        "Is the person 18 or over?",
        "On the day of the caution.",
        "CARA is for people aged 18 or over.",
    ),
    EligibilityQuestion(
        "intimate_partner",
        "Was the offence against a present or past intimate partner?",
        "Not another member of the family.",
        "CARA is for offences against a present or past intimate partner.",
    ),
    EligibilityQuestion(
        "eligible_offence",
        "Is the offence one that CARA takes?",
        "Common assault or battery, criminal damage, harassment, threatening behaviour, domestic theft.",
        "The offence is not one that CARA takes.",
    ),
    EligibilityQuestion(
        "admission",
        "Has the person admitted the offence?",
        "A conditional caution needs an admission.",
        "CARA needs an admission of the offence.",
    ),
    EligibilityQuestion(
        "no_violence_two_years",
        "Has the person had no conviction or caution for violence in the last two years?",
        "Answer yes if there has been none.",
        "There is a conviction or caution for violence in the last two years.",
    ),
    EligibilityQuestion(
        "not_serving_community_sentence",
        "Is the person free of any community sentence?",
        "Answer yes if none is being served.",
        "The person is serving a community sentence.",
    ),
    EligibilityQuestion(
        "dash_level",
        "What is the DASH level?",
        "As graded on the form, after professional judgement.",
        "The DASH level is not one that this force allows for CARA.",
        by_level=True,
    ),
    EligibilityQuestion(
        "victim_agrees",
        "Has the victim been contacted, and do they agree?",
        "Answer yes only if both are so.",
        "CARA needs the victim to have been contacted and to agree.",
    ),
)


@dataclass(frozen=True)
class Eligibility:
    """What the answers come to: ``verdict`` is accepted, information_requested or rejected."""

    verdict: ReferralStatus
    failing: tuple[EligibilityQuestion, ...] = ()
    unknown: tuple[EligibilityQuestion, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return the sentence of every question that failed."""
        return tuple(question.refuses_with for question in self.failing)


def eligibility(
    answers: Mapping[str, str],
    *,
    allowed_dash: frozenset[str] = frozenset({"standard", "medium"}),
    questions: Iterable[EligibilityQuestion] = CARA_QUESTIONS,
) -> Eligibility:
    """Weigh a referral's answers: one that fails refuses, one not known holds (product.md §2).

    A question without an answer is not known. Raises ValueError for an answer that is none of
    the question's.
    """
    failing, unknown = [], []
    for question in questions:
        answer = answers.get(question.key, UNKNOWN)
        if answer not in question.answers():
            raise ValueError(f"{question.key} cannot be answered {answer!r}")
        if answer == UNKNOWN:
            unknown.append(question)
        elif answer not in (allowed_dash if question.by_level else {YES}):
            failing.append(question)
    return Eligibility(_verdict(bool(failing), bool(unknown)), tuple(failing), tuple(unknown))


def _verdict(fails: bool, waits: bool) -> ReferralStatus:
    if fails:
        return ReferralStatus.REJECTED
    return ReferralStatus.INFORMATION_REQUESTED if waits else ReferralStatus.ACCEPTED


def birthday_on(born_on: date, age: int) -> date:
    """Return the day a person reaches ``age``; born on 29 February, 1 March in a common year."""
    year = born_on.year + age
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def turns_sixteen_on(born_on: date) -> date:
    """Return the sixteenth birthday, when a guardian's texts pause (product.md §5)."""
    return birthday_on(born_on, 16)


def age_refusal(born_on: date, on: date, min_age: int, max_age: int | None) -> str | None:
    """Say why a person's age on the day ``on`` keeps them off a programme, or None.

    Both ages are included; ``max_age`` None means no upper limit.
    """
    age = age_on(born_on, on)
    if age < min_age:
        return f"The programme is for people aged {min_age} or over; this person is {age}."
    if max_age is not None and age > max_age:
        return f"The programme is for people aged {max_age} or under; this person is {age}."
    return None


@dataclass(frozen=True)
class Identity:
    """What tells one person from another: ``number`` in E.164 form, or None."""

    name: str
    born_on: date | None = None
    number: str | None = None


#: Letters that no decomposition turns into a plain one.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})


def _name_parts(name: str) -> list[str]:
    """Return a name's words in lower case without accents, apostrophes or hyphens."""
    bare = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN))
    words = "".join(c for c in bare if not unicodedata.combining(c)).replace("-", " ").split()
    return [part for part in ("".join(filter(str.isalnum, word)) for word in words) if part]


def _same_name(a: str, b: str) -> bool:
    """Tell whether two names are the same but for spelling, spacing and the order of words."""
    ours, theirs = _name_parts(a), _name_parts(b)
    return bool(ours) and ("".join(ours) == "".join(theirs) or sorted(ours) == sorted(theirs))


def likely_same_person(a: Identity, b: Identity) -> bool:
    """Tell whether two people look like one: same name and birth date, or same number.

    Case, accents, spacing and the order of a name's words do not matter (product.md §3).
    """
    if a.number and a.number == b.number:
        return True
    return a.born_on is not None and a.born_on == b.born_on and _same_name(a.name, b.name)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day if it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    last_day = (following - timedelta(days=1)).day
    return first.replace(day=min(day.day, last_day))


def caution_length_check(issued_on: date, expires_on: date) -> str | None:
    """Return a warning when the expiry is not four calendar months after the issue.

    The date printed on the caution stands; this only asks whether it was typed as printed
    (domain.md §1).
    """
    expected = add_months(issued_on, 4)
    if expires_on == expected:
        return None
    return (
        f"Four months from {_day(issued_on)} is {_day(expected)}, not {_day(expires_on)}. "
        "Check the expiry date printed on the caution."
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def first_contact_due(received_at: datetime) -> tuple[datetime, datetime]:
    """Return when a CARA referral without a booked workshop is due: for the lead, for the manager.

    09:00 London on days 7 and 14 after the referral's London date (product.md §7).
    """
    received_on = local_date(received_at)
    lead, manager = (at_local(received_on + timedelta(days=days), time(9)) for days in (7, 14))
    return lead, manager
