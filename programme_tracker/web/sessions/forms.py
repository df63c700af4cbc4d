"""Forms of sessions: making, moving and cancelling one."""

from datetime import datetime, time
from typing import Any

from programme_tracker.programmes.rules import Form, ProgrammePolicy
from programme_tracker.scheduling.models import SessionKind
from programme_tracker.web.fields import (
    AnyOfField,
    BooleanField,
    ClockTimeField,
    DayMonthYearField,
    LongTextField,
    OneOfField,
    PageForm,
    Required,
    TextField,
)
from programme_tracker.web.sessions.wording import KIND_WORDS
from programme_tracker.workflows.sessions import SessionPlan

PART_PREFIX = "part_"

#: What a session may be, in the order of likelihood; workshops are named by their part.
WHAT = [
    ("part_A", "Workshop, part A"),
    ("part_B", "Workshop, part B"),
    *(
        (kind.value, KIND_WORDS[kind][:1].upper() + KIND_WORDS[kind][1:])
        for kind in (
            SessionKind.ONE_TO_ONE,
            SessionKind.GROUP,
            SessionKind.CATCH_UP,
            SessionKind.ASSESSMENT,
        )
    ),
]

#: Which field shows what a workflow refuses.
BESIDE = {"starts": "on"}


def _day() -> DayMonthYearField:
    return DayMonthYearField("Date", [Required()], what="the date of the session", example="26 11 2026")


def _start() -> ClockTimeField:
    ask = "Enter the start time, for example 10:00 or 6.30pm"
    return ClockTimeField("Start time", [Required()], near=time(14), ask=ask)


class _WhenForm(PageForm):
    """A form with a day ``on`` and a start time ``starts``."""

    on: DayMonthYearField
    starts: ClockTimeField

    @property
    def wall(self) -> datetime:
        """Return the naive London wall time of a form that was complete."""
        assert self.on.data is not None and self.starts.data is not None
        return datetime.combine(self.on.data, self.starts.data)


class SessionForm(_WhenForm):
    """A session to be made."""

    programme = OneOfField("Programme", [Required()], ask="Choose the programme")
    what = OneOfField("What is it?", [Required()], choices=WHAT, ask="Choose what it is")
    on = _day()
    starts = _start()
    venue = TextField(
        "Venue",
        description="Never put into a text. A new name makes a new venue.",
        render_kw={"list": "venues", "autocomplete": "off"},
    )
    staff = AnyOfField(
        "Who runs it",
        [Required("Choose at least one person who runs it")],
        ask="Choose from the people shown",
        coerce=int,
    )

    def offer(self, programmes: list[tuple[str, str]], staff: list[tuple[int, str]]) -> None:
        """Offer these programmes and these people."""
        self.programme.set_choices(programmes)
        self.staff.set_choices(staff)

    def fits(self, rules: ProgrammePolicy) -> bool:
        """Refuse a workshop of a programme that has none, and the other way round."""
        has_parts = rules.form is Form.TWO_WORKSHOPS
        wants_part = self.what.data.startswith(PART_PREFIX)
        if wants_part and not has_parts:
            self.refuse(f"{rules.title} has no parts A and B. Choose another kind.", "what")
        if has_parts and self.what.data == SessionKind.GROUP:
            self.refuse(f"{rules.title} is two workshops. Choose part A or part B.", "what")
        return not self.errors

    def plan(self) -> SessionPlan:
        """Return the session as it was asked for."""
        what: str = self.what.data
        is_part = what.startswith(PART_PREFIX)
        return SessionPlan(
            programme_code=self.programme.data,
            starts=self.wall,
            staff_ids=sorted(self.staff.data),
            kind=None if is_part else what,
            part=what.removeprefix(PART_PREFIX) if is_part else None,
            venue=self.venue.data or None,
        )


class MoveForm(_WhenForm):
    """A new start for a session; ``later_too`` only where later ones of its group could move."""

    on = _day()
    starts = _start()
    later_too = BooleanField("Move the later sessions of the group by as much")
    why = TextField("Why it moves", description="For the team. Participants are not told why.", longest=500)

    def values(self) -> dict[str, Any]:
        """Return what was typed, to be carried through the page that asks once more."""
        carried = {
            "about": self.about.data,
            "seen_version": self.seen_version.data,
            "starts": f"{self.wall:%H:%M}",
            "on-day": self.wall.day,
            "on-month": self.wall.month,
            "on-year": self.wall.year,
        }
        carried |= {"why": self.why.data} if self.why.data else {}
        return carried | ({"later_too": "y"} if self.later_too.data else {})


class CancelForm(PageForm):
    """Why a session is cancelled."""

    reason = LongTextField(
        "Why it is cancelled",
        [Required("Say why it is cancelled, for example “facilitator ill”")],
        description="For the team. Participants are not told why.",
        render_kw={"rows": 2},
        longest=500,
    )
