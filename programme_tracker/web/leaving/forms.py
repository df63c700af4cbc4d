"""What is asked before an enrolment ends."""

from wtforms.validators import DataRequired

from programme_tracker.web.fields import BooleanField, LongTextField, PageForm, Required


class LeaveForm(PageForm):
    """Why somebody leaves, or why the provider ends it."""

    reason = LongTextField(
        "Why",
        [Required("Say why the enrolment ends")],
        description="For the team. Nothing that a partner said.",
        longest=2000,
        render_kw={"rows": 3},
    )


class CompleteForm(PageForm):
    """A person's word that somebody is ready for a group."""

    group_ready = BooleanField(
        "I judge that they are ready for a group",
        [DataRequired("Tick this when you judge them ready. Otherwise go back")],
    )


class PlainForm(PageForm):
    """Nothing but the wish itself."""
