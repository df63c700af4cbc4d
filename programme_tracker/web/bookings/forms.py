"""Forms of bookings."""

from datetime import datetime, time

from programme_tracker.scheduling.models import SessionKind
from programme_tracker.web.fields import (
    ClockTimeField,
    DayMonthYearField,
    OneOfField,
    PageForm,
    Required,
    TextField,
)


class OneToOneForm(PageForm):
    """A one-to-one made and booked from a person's page; whoever makes it runs it."""

    kind = OneOfField(
        "What is it?",
        [Required()],
        choices=[(SessionKind.ONE_TO_ONE.value, "One-to-one"), (SessionKind.ASSESSMENT.value, "Assessment")],
        default=SessionKind.ONE_TO_ONE.value,
    )
    on = DayMonthYearField("Date", [Required()], what="the date you meet", example="26 11 2026")
    starts = ClockTimeField(
        "Start time", [Required()], near=time(14), ask="Enter the start time, for example 10:00 or 2.30pm"
    )
    venue = TextField("Venue", description="Never put into a text.")

    @property
    def wall(self) -> datetime:
        """Return the naive London wall time of a form that was complete."""
        assert self.on.data is not None and self.starts.data is not None
        return datetime.combine(self.on.data, self.starts.data)


class TakeOffForm(PageForm):
    """Why somebody is taken off a session."""

    why = TextField(
        "Why", [Required("Say why, for example “asked for another day”")], description="For the team."
    )
