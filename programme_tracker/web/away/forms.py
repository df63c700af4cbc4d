"""Days away noted for somebody else, who may be too ill to do it."""

from collections.abc import Sequence
from datetime import date

from programme_tracker.accounts.models import Staff
from programme_tracker.web.fields import (
    DayMonthYearField,
    PageForm,
    Required,
    SearchableSelectField,
)
from programme_tracker.web.staff.forms import work_words


class AwayForm(PageForm):
    """Who is away, when, and who stands in."""

    who = SearchableSelectField("Who is away?", [Required()], coerce=int)
    from_on = DayMonthYearField("First day away", [Required()], what="the first day away", example="3 8 2026")
    to_on = DayMonthYearField("Last day away", [Required()], what="the last day away", example="14 8 2026")
    deputy = SearchableSelectField(
        "Who stands in",
        description="Somebody who does the same work. Leave it empty to keep the deputy they have named; "
        "without one the whole team is told.",
        coerce=int,
    )

    def offering(self, people: Sequence[Staff]) -> "AwayForm":
        """Offer these people, each with what they do, since two may have one name."""
        pairs = [(one.id, f"{one.name}, {work_words(one).lower()} ({one.username})") for one in people]
        self.who.set_choices(pairs)
        self.deputy.set_choices(pairs)
        return self

    @property
    def staff_id(self) -> int:
        """Return whom a form that was complete is about."""
        assert self.who.data is not None
        return int(self.who.data)

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last day of a form that was complete."""
        assert self.from_on.data is not None and self.to_on.data is not None
        return self.from_on.data, self.to_on.data
