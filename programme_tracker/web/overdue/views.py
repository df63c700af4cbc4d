"""Everything that is late: notices, registers, tasks, holds, work that failed, texts that wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from programme_tracker.jobs.failures import failures
from programme_tracker.jobs.models import DueFailure
from programme_tracker.web.holds.alarms import Alarm, alarms
from programme_tracker.web.overdue import late
from programme_tracker.web.today.lines import Line

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
    alarms: list[Alarm]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing at all is late."""
        lists = (self.notices, self.registers, self.holds, self.tasks, self.failures, self.alarms)
        return not any(lists)


def everything_overdue(now: datetime) -> Overdue:
    """Gather everything that is late at an instant."""
    return Overdue(
        notices=late.notices(now),
        registers=late.registers(now),
        holds=late.holds(now),
        tasks=late.tasks(now),
        failures=[(FAILED.get(row.kind, row.kind), row) for row in failures()],
        alarms=alarms(now),
    )
