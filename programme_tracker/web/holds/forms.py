"""Why sending is held, and why it is safe to go on."""

from programme_tracker.web.fields import LongTextField, PageForm, Required


class HoldForm(PageForm):
    """Why nothing is to be sent."""

    reason = LongTextField(
        "Why is nothing to be sent?", [Required("Say why nothing is to be sent")], longest=500
    )


class ReleaseForm(PageForm):
    """Why it is safe to send again."""

    reason = LongTextField(
        "Why is it safe to send again?",
        [Required("Say why it is safe, for example: nothing was sent after the backup")],
        longest=500,
    )
