"""What is told to victim safety."""

from programme_tracker.web.fields import LongTextField, OneOfField, PageForm, Required
from programme_tracker.workflows.safety_words import WHAT


class TellForm(PageForm):
    """What has changed that may raise the risk."""

    what = OneOfField("What has changed?", [Required("Choose what has changed")], choices=WHAT.items())
    words = LongTextField(
        "In your words",
        description="What you heard, and from whom. Say which is which. Only victim safety can read it.",
        longest=2000,
    )
