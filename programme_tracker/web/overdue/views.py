"""Everything that is late: notices, registers, tasks, holds, work that failed, texts that wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from programme_tracker.jobs.failures import failures
from programme_tracker.jobs.models import DueFailure
from programme_tracker.messaging.queries import oldest_due_at
from programme_tracker.web.overdue import late
from programme_tracker.web.today.lines import Line

#: A text that has waited longer than this means that the worker stands still.
TOO_LONG = timedelta(minutes=5)

FAILED: Mapping[str, str] = {
    "reassess": "Looking again at an enrolment",
    "release": "Releasing a notice",
    "chase": "Chasing a notice",
    "register": "Asking for a register",
    "review": "Asking for a review",
}


@dataclass(frozen=True)
class Overdue:
    """The page, each list with the longest late first."""

    notices: list[Line]
    registers: list[Line]
    holds: list[Line]
    tasks: list[Line]
    failures: Sequence[tuple[str, DueFailure]]
    #: Since when the oldest text has waited, when that is too long.
    waiting_since: datetime | None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing at all is late."""
        lists = (self.notices, self.registers, self.holds, self.tasks, self.failures)
        return not any(lists) and self.waiting_since is None


def everything_overdue(now: datetime) -> Overdue:
    """Gather everything that is late at an instant."""
    waiting_since = oldest_due_at(now)
    if waiting_since is not None and now - waiting_since <= TOO_LONG:
        waiting_since = None
    return Overdue(
        notices=late.notices(now),
        registers=late.registers(now),
        holds=late.holds(now),
        tasks=late.tasks(now),
        failures=[(FAILED.get(row.kind, row.kind), row) for row in failures()],
        waiting_since=waiting_since,
    )
