"""Outcomes of a session and what each counts as: pure facts and functions (product.md §6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class Outcome(StrEnum):
    """What a register says of one person at one session."""

    ATTENDED = "attended"
    ATTENDED_LATE = "attended_late"
    LEFT_EARLY = "left_early"
    SENT_HOME = "sent_home"
    REFUSED_LATE = "refused_late"
    ABSENT = "absent"
    ABSENT_UNACCEPTABLE = "absent_unacceptable"
    ABSENT_ACCEPTABLE = "absent_acceptable"
    EXCUSED_PROVIDER = "excused_provider"
    EXCUSED_SUSPENDED = "excused_suspended"

    @property
    def kind(self) -> "OutcomeKind":
        """What this outcome counts as."""
        return OUTCOMES[self]


class Reason(StrEnum):
    """Why an absence is acceptable."""

    MEDICAL = "medical"
    WORK = "work"
    CARING = "caring"
    COURT = "court"
    RELIGIOUS = "religious"
    HOLIDAY_AGREED = "holiday_agreed"
    CUSTODY = "custody"
    BEREAVEMENT = "bereavement"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class OutcomeKind:
    """What an outcome counts as, and what has to be said with it.

    ``attended``, ``unexplained``, ``acceptable`` and ``neutral`` exclude each other; every
    outcome is exactly one of them.
    """

    credit: bool = False
    attended: bool = False
    late: bool = False
    unexplained: bool = False
    acceptable: bool = False
    neutral: bool = False
    needs_note: bool = False
    needs_reason: bool = False
    system_only: bool = False

    @property
    def missed(self) -> bool:
        """Whether the person was absent or turned away, whatever the reason."""
        return self.unexplained or self.acceptable


OUTCOMES: Mapping[Outcome, OutcomeKind] = MappingProxyType(
    {
        Outcome.ATTENDED: OutcomeKind(credit=True, attended=True),
        Outcome.ATTENDED_LATE: OutcomeKind(credit=True, attended=True, late=True),
        Outcome.LEFT_EARLY: OutcomeKind(attended=True, needs_note=True),
        Outcome.SENT_HOME: OutcomeKind(unexplained=True, needs_note=True),
        Outcome.REFUSED_LATE: OutcomeKind(unexplained=True),
        Outcome.ABSENT: OutcomeKind(unexplained=True),
        Outcome.ABSENT_UNACCEPTABLE: OutcomeKind(unexplained=True),
        Outcome.ABSENT_ACCEPTABLE: OutcomeKind(acceptable=True, needs_reason=True),
        Outcome.EXCUSED_PROVIDER: OutcomeKind(neutral=True, system_only=True),
        Outcome.EXCUSED_SUSPENDED: OutcomeKind(neutral=True, system_only=True),
    }
)


def _to_the_minute(moment: datetime) -> datetime:
    """Return an instant in UTC with its seconds dropped, as a person reads a clock."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def outcome_for_arrival(starts_at: datetime, arrived_at: datetime, grace_minutes: int) -> Outcome:
    """Return the outcome of arriving at ``arrived_at``; both instants aware, compared by the minute.

    The last minute of the grace still counts: with 15 minutes at 18:30, 18:45 is late and
    admitted, 18:46 is refused. Without grace any lateness is refused (domain.md §9.16).
    """
    lateness = _to_the_minute(arrived_at) - _to_the_minute(starts_at)
    if lateness <= timedelta(0):
        return Outcome.ATTENDED
    if lateness <= timedelta(minutes=grace_minutes):
        return Outcome.ATTENDED_LATE
    return Outcome.REFUSED_LATE


def mark_faults(
    outcome: Outcome,
    reason: str | None = None,
    evidence: str | None = None,
    note: str | None = None,
    authoriser: object = None,
) -> dict[str, str]:
    """Return what a mark still lacks: field name to a message for the person marking; empty if good.

    ``authoriser`` is whoever accepts the absence, by any identity; absent when empty. A reason may
    go with any outcome (a mandated miss carries it as "reason offered"), but must be a known one.
    """
    kind = OUTCOMES[outcome]
    faults: dict[str, str] = {}
    if kind.system_only:
        faults["outcome"] = "Choose another outcome: the system sets this one by itself."
    if reason and reason not in set(Reason):
        faults["reason"] = "Choose a reason from the list."
    if kind.needs_note and not (note or "").strip():
        faults["note"] = "Write a short note of what happened."
    if kind.needs_reason:
        faults |= _acceptance_faults(reason, evidence, authoriser) | faults
    return faults


def _acceptance_faults(reason: str | None, evidence: str | None, authoriser: object) -> dict[str, str]:
    """Return what is missing before an absence may be called acceptable."""
    faults: dict[str, str] = {}
    if not reason:
        faults["reason"] = "Choose the reason the absence is acceptable."
    if not (evidence or "").strip():
        faults["evidence"] = "Say what was shown or seen, for example a hospital letter."
    if authoriser is None or authoriser == "":
        faults["authoriser"] = "Say who accepts this absence."
    return faults


class AbsenceState(StrEnum):
    """Where an absence stands in the ledger of catch-ups."""

    OPEN = "open"
    #: A catch-up still to come, or one whose register is not submitted yet.
    NAMED = "named"
    CAUGHT_UP = "caught_up"
    WAIVED = "waived"


@dataclass(frozen=True)
class NamedCatchUp:
    """The session named to close an absence: whether it is on, booked, and what came of it."""

    is_cancelled: bool
    is_booked: bool
    outcome: Outcome | None = None


def absence_state(*, is_waived: bool, catch_up: NamedCatchUp | None) -> AbsenceState:
    """Tell whether an absence is open, closed by a named catch-up, or waived (product.md §4).

    A catch-up that was cancelled, given up, or brought no credit leaves the absence open.
    """
    if is_waived:
        return AbsenceState.WAIVED
    if catch_up is None:
        return AbsenceState.OPEN
    if catch_up.outcome is not None:
        return AbsenceState.CAUGHT_UP if catch_up.outcome.kind.credit else AbsenceState.OPEN
    return AbsenceState.OPEN if catch_up.is_cancelled or not catch_up.is_booked else AbsenceState.NAMED
