"""Replying from a phone, and moving the clock."""

from datetime import datetime

from programme_tracker.kernel.working_time import at_local
from programme_tracker.web.fields import ClockTimeField, DayMonthYearField, PageForm, Required, TextField


class ReplyForm(PageForm):
    """What somebody texts back."""

    body = TextField("Reply", [Required("Write what is texted back")], longest=320)


class MoveForm(PageForm):
    """A day and a time to go to."""

    day = DayMonthYearField("Day", [Required()], what="the day to go to")
    time = ClockTimeField("Time", [Required("Enter the time to go to, for example 9am or 18:30")])

    @property
    def moment(self) -> datetime:
        """Return the instant of a form that was complete."""
        assert self.day.data is not None and self.time.data is not None
        return at_local(self.day.data, self.time.data)
