"""What came about: one thing the application did, in the words of a rehearsal file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from programme_tracker.kernel.working_time import to_local


@dataclass(frozen=True)
class Effect:
    """One effect; ``at`` is naive London wall time to the minute."""

    at: datetime
    kind: str
    value: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def as_data(self) -> dict[str, str]:
        """Return the effect as a file would write it: ``at``, its kind with its value, the fields."""
        return {"at": shown(self.at), self.kind: self.value, **self.fields}


def wall_time(moment: datetime) -> datetime:
    """Return an aware instant as naive London wall time without seconds."""
    return to_local(moment).replace(tzinfo=None, second=0, microsecond=0)


def shown(moment: datetime) -> str:
    """Write a wall time as files do."""
    return moment.isoformat(sep=" ", timespec="minutes")
