"""Forms of the ledger: making a catch-up session, waiving one."""

from datetime import datetime, time

from programme_tracker.web.fields import (
    AnyOfField,
    ClockTimeField,
    DayMonthYearField,
    LongTextField,
    PageForm,
    Required,
    TextField,
)

#: Which field shows what a workflow refuses, by the workflow's field.
BESIDE = {"starts": "on"}


class CatchUpForm(PageForm):
    """A session to be made for what was missed."""

    on = DayMonthYearField("Date", [Required()], what="the date of the catch-up", example="26 11 2026")
    starts = ClockTimeField(
        "Start time", [Required()], near=time(14), ask="Enter the start time, for example 14:00 or 2pm"
    )
    venue = TextField("Venue", description="Never put into a text. A new name makes a new venue.")
    staff = AnyOfField(
        "Who runs it",
        [Required("Choose at least one person who runs it")],
        ask="Choose from the people shown",
        coerce=int,
    )

    @property
    def wall(self) -> datetime:
        """Return the naive London wall time of a form that was complete."""
        day, at = self.on.data, self.starts.data
        assert day is not None and at is not None
        return datetime.combine(day, at)


class WaiveForm(PageForm):
    """Why no catch-up is needed."""

    because = LongTextField(
        "Why no catch-up is needed",
        [Required("Say why no catch-up is needed, for example “topic covered in his one-to-one”")],
        render_kw={"rows": 3},
        longest=500,
    )
