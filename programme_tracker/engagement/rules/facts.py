"""What the engagement rules look at, and what they answer."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from programme_tracker.attendance.rules import OUTCOMES, Outcome, OutcomeKind
from programme_tracker.programmes.rules import ProgrammePolicy


class Rule(StrEnum):
    """The rule ids of product.md §7."""

    FIRST_ABSENCE = "first_absence"
    ACCEPTABLE_ABSENCES = "acceptable_absences"
    LATENESS = "lateness"
    CONSECUTIVE_ABSENCES = "consecutive_absences"
    ABSENCES_IN_WINDOW = "absences_in_window"
    ABSENCE_AT_HIGH_RISK = "absence_at_high_risk"
    DISENGAGED = "disengaged"
    NO_CONTACT = "no_contact"
    MANDATED_SESSION_MISSED = "mandated_session_missed"
    CANNOT_COMPLETE_IN_TIME = "cannot_complete_in_time"
    ASSESSMENT_MISSED = "assessment_missed"


class Level(StrEnum):
    """How serious a finding is: amber is for the lead, red opens a case."""

    AMBER = "amber"
    RED = "red"


class Risk(StrEnum):
    """A participant's risk level."""

    STANDARD = "standard"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """One session of an enrolment whose register is submitted, with the outcome that now stands.

    ``is_mandated`` and ``is_high_risk`` say how matters stood when the outcome was recorded, so
    that a later change of risk or mandate does not rewrite the past; left out, today's hold.
    """

    session_id: int
    starts_at: datetime
    on: date
    outcome: Outcome
    is_assessment: bool = False
    part: str | None = None
    minutes: int = 0
    is_mandated: bool | None = None
    is_high_risk: bool | None = None

    @property
    def kind(self) -> OutcomeKind:
        """What the outcome counts as."""
        return OUTCOMES[self.outcome]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an enrolment stands, apart from its outcomes. Moments are UTC instants.

    ``enrolled_at`` is when the person joined a group or made the first booking; without it no
    contact clock runs. ``suspensions`` are (start, end) with no end while one lasts.
    ``is_live`` is false once the enrolment has ended or its breach is reported: time alone then
    finds nothing. A suspension stops the contact clocks but not the caution's (product.md §3), so
    it belongs in ``suspensions``; with ``is_live`` false the caution's clock is ignored as well.
    """

    policy: ProgrammePolicy
    is_mandated: bool = False
    risk: str = Risk.MEDIUM
    is_priority: bool = False
    enrolled_at: datetime | None = None
    first_booked_at: datetime | None = None
    last_contact_at: datetime | None = None
    contacts: tuple[datetime, ...] = ()
    suspensions: tuple[tuple[datetime, datetime | None], ...] = ()
    caution_expires_on: date | None = None
    part_a_attended_on: date | None = None
    parts_complete: bool = False
    awaiting_register: bool = False
    is_live: bool = True
    #: When, on its London day, a rule that time alone fulfils takes effect.
    time_rules_at: time = time(9)

    @property
    def is_high_risk(self) -> bool:
        """Whether risk is high or the person is priority."""
        return self.risk == Risk.HIGH or self.is_priority


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A rule that holds, and why.

    ``session_id`` is the session whose outcome fulfilled it, None where time alone did; then
    ``takes_effect_at`` is the UTC instant of that, and ``since_on`` the London date from which
    contact is missed or, for the caution, the first day on which the workshops no longer fit.
    ``evidence`` are the ids of every session that counts towards it, oldest first.
    """

    rule: Rule
    level: Level
    session_id: int | None = None
    evidence: tuple[int, ...] = ()
    takes_effect_at: datetime | None = None
    since_on: date | None = None
