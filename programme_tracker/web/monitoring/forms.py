"""What enforcement writes about a monitoring."""

from programme_tracker.web.fields import LongTextField, PageForm, Required, WholeNumberField


class ReviewForm(PageForm):
    """What was done and seen since the last review."""

    note = LongTextField(
        "What was done and seen?",
        [Required("Say what was done and seen")],
        description="Facts only. Nothing from or about the partner.",
        longest=2000,
    )


class ExtendForm(PageForm):
    """For how long monitoring goes on, and why."""

    months = WholeNumberField(
        "Months",
        [Required("Enter a number of months from 1 to 12")],
        least=1,
        most=12,
        description="From its end, or from today when that is past.",
    )
    #: Not "note": two forms of one page must not share a field's name.
    why = LongTextField("Why does it go on?", longest=1000)


class CloseForm(PageForm):
    """Why monitoring ends."""

    reason = LongTextField("Why does it end?", [Required("Say why monitoring ends")], longest=1000)
