"""What a Today page is made of: sections of lines, each with why it is there and one action."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import IntEnum
from typing import Any

from flask import url_for

from programme_tracker.escalation.models import Notice
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.working_time import at_local
from programme_tracker.web.access import may_open
from programme_tracker.web.notices.wording import is_grave, is_of_danger

#: Later than any deadline.
_NEVER = datetime.max.replace(tzinfo=UTC)


class Harm(IntEnum):
    """How much hangs on a line: the gravest stand first, whatever their deadlines."""

    DANGER = 0
    HIGH = 1
    USUAL = 2


def harm_of(notice: Notice) -> Harm:
    """Return how much hangs on a notice."""
    return Harm.DANGER if is_of_danger(notice) else Harm.HIGH if is_grave(notice) else Harm.USUAL


@dataclass(frozen=True)
class Line:
    """One thing that needs somebody: what, why, until when, and where to do it.

    ``chips`` are kinds of chip; ``url`` None leaves the action out.
    """

    title: str
    why: str
    deadline: datetime | date | None = None
    url: str | None = None
    action: str = "Open"
    chips: tuple[str, ...] = ()
    harm: Harm = Harm.USUAL

    @property
    def due(self) -> datetime:
        """The deadline as an instant; a date is due by the end of its London day."""
        if self.deadline is None:
            return _NEVER
        if isinstance(self.deadline, datetime):
            return self.deadline
        return at_local(self.deadline, time(23, 59))


@dataclass(frozen=True)
class Section:
    """Lines of one kind under a heading; ``needs_me`` is false for what is only good to know."""

    title: str
    lines: list[Line] = field(default_factory=list)
    needs_me: bool = True


#: Makes one section of somebody's page at an instant.
Maker = Callable[[Actor, datetime], Section]


def section(title: str, lines: Iterable[Line], *, needs_me: bool = True) -> Section:
    """Make a section with its lines in order of harm, then of deadline."""
    return Section(title, in_order(lines), needs_me)


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Return lines in order of harm, then of deadline."""
    return sorted(lines, key=lambda line: (line.harm, line.due))


def address(endpoint: str, **values: Any) -> str | None:
    """Return a page's address, or None where it is not there or not for the person signed in."""
    return url_for(endpoint, **values) if may_open(endpoint) else None
