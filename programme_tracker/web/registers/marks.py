"""Reading a register as it was typed: one row a person, what it means and what it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from programme_tracker.attendance.rules import Outcome, mark_faults, outcome_for_arrival
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.kernel.working_time import at_local, local_date, to_local
from programme_tracker.web.fields import read_clock_time
from programme_tracker.web.presentation import time_words
from programme_tracker.web.registers.wording import OUTCOME_WORDS, every_outcome

#: Outcomes that a time of arrival decides by itself.
_BY_ARRIVAL = frozenset({Outcome.ATTENDED, Outcome.ATTENDED_LATE, Outcome.REFUSED_LATE})
#: Letters of a note; the page takes no more either.
LONGEST = 2000

_WITH_ARRIVAL = _BY_ARRIVAL | {Outcome.LEFT_EARLY, Outcome.SENT_HOME}


@dataclass(frozen=True)
class Sitting:
    """The session a register is of: when it starts, its grace in minutes, who marks and when."""

    starts_at: datetime
    grace_minutes: int
    marker_id: int | None
    now: datetime


@dataclass(frozen=True)
class Typed:
    """One row as it was typed."""

    outcome: str = ""
    arrived: str = ""
    reason: str = ""
    evidence: str = ""
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing says how it went."""
        return not (self.outcome or self.arrived)


@dataclass(frozen=True)
class ReadRow:
    """What a row means, or by field what is wrong with it."""

    typed: Typed
    details: MarkDetails | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


def prefix_of(enrolment_id: int) -> str:
    """Return how the names of one person's fields begin."""
    return f"m-{enrolment_id}"


def typed_row(sent: Mapping[str, str], enrolment_id: int) -> Typed:
    """Take one person's fields out of what was sent."""
    prefix = prefix_of(enrolment_id)
    names = ("outcome", "arrived", "reason", "evidence", "note")
    # A form sends other ends of lines than a phone: the same note must be the same.
    found = {name: sent.get(f"{prefix}-{name}", "").replace("\r\n", "\n") for name in names}
    return Typed(**{name: text.strip()[:LONGEST] for name, text in found.items()})


def hidden_fields(rows: Mapping[int, ReadRow]) -> list[tuple[str, str]]:
    """Return what was typed as names and values, to be carried to the next page."""
    return [
        (f"{prefix_of(enrolment_id)}-{name}", value)
        for enrolment_id, row in rows.items()
        for name, value in asdict(row.typed).items()
        if value
    ]


def read_rows(sent: Mapping[str, str], enrolment_ids: Sequence[int], sitting: Sitting) -> dict[int, ReadRow]:
    """Read every person's row."""
    return {one: read_row(typed_row(sent, one), sitting) for one in enrolment_ids}


def read_row(typed: Typed, sitting: Sitting) -> ReadRow:
    """Turn one row into a mark, or say beside each field what to do."""
    if typed.is_empty:
        return ReadRow(typed, errors={"outcome": "Choose an outcome, or enter the time of arrival"})
    if typed.outcome and typed.outcome not in dict(every_outcome()):
        return ReadRow(typed, errors={"outcome": "Choose one of the outcomes shown"})
    arrived_at, fault = _arrival(typed, sitting)
    if fault:
        return ReadRow(typed, errors={"arrived": fault})
    outcome = _outcome(typed, arrived_at, sitting)
    clash = _arrival_clash(outcome, arrived_at, sitting)
    if clash:
        return ReadRow(typed, errors={"arrived": clash})
    faults = mark_faults(outcome, typed.reason, typed.evidence, typed.note, sitting.marker_id)
    if faults:
        return ReadRow(typed, errors=faults)
    details = MarkDetails(
        outcome,
        reason=typed.reason or None,
        evidence=typed.evidence or None,
        note=typed.note or None,
        arrived_at=arrived_at,
    )
    return ReadRow(typed, details)


def _arrival(typed: Typed, sitting: Sitting) -> tuple[datetime | None, str]:
    """Return the instant of arrival, and what is wrong with what was typed."""
    if not typed.arrived:
        return None, ""
    clock_time = read_clock_time(typed.arrived, to_local(sitting.starts_at).time())
    if clock_time is None:
        return None, "Enter the time of arrival, for example 18:40 or 6.40pm"
    arrived_at = at_local(local_date(sitting.starts_at), clock_time)
    if arrived_at > sitting.now:
        return None, f"{time_words(clock_time)} is still to come. Check the time of arrival"
    return arrived_at, ""


def _outcome(typed: Typed, arrived_at: datetime | None, sitting: Sitting) -> Outcome:
    if typed.outcome:
        return Outcome(typed.outcome)
    assert arrived_at is not None
    return outcome_for_arrival(sitting.starts_at, arrived_at, sitting.grace_minutes)


def _arrival_clash(outcome: Outcome, arrived_at: datetime | None, sitting: Sitting) -> str:
    """Say where outcome and arrival contradict each other."""
    if arrived_at is None:
        return ""
    if outcome not in _WITH_ARRIVAL:
        return f"“{OUTCOME_WORDS[outcome]}” has no time of arrival. Take one of the two out"
    says = outcome_for_arrival(sitting.starts_at, arrived_at, sitting.grace_minutes)
    if outcome in _BY_ARRIVAL and says is not outcome:
        return f"{time_words(arrived_at)} means “{OUTCOME_WORDS[says]}”. Take one of the two out"
    return ""
