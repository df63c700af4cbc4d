"""Deciding on a case, and signing a hold."""

from datetime import datetime

from programme_tracker.escalation.models import Decision
from programme_tracker.escalation.rules import ACTION_TITLES
from programme_tracker.kernel.working_time import at_local
from programme_tracker.web.fields import (
    ClockTimeField,
    DayMonthYearField,
    DropDownField,
    LongTextField,
    OneOfField,
    PageForm,
    Required,
)

CHOICES = (
    (Decision.PROCEED.value, "Proceed: tell the others now"),
    (Decision.PROCEED_WITH_PLAN.value, "Proceed with a plan: tell the others now"),
    (Decision.HOLD.value, "Hold: ask a manager to sign"),
)


class DecisionForm(PageForm):
    """Victim safety's decision; a hold needs its reason and when it is looked at again."""

    decision = OneOfField("Your decision", [Required("Choose what happens next")], choices=CHOICES)
    reason = LongTextField(
        "Reason, or the plan",
        description="Needed for a plan and for a hold. Victim safety and managers alone read it.",
        longest=2000,
    )
    hold_until = DayMonthYearField("Hold until", what="the day on which the hold is reviewed")
    hold_time = ClockTimeField("Hold until, time", description="For example 12:00 or 5pm.")

    @property
    def review_at(self) -> datetime | None:
        """Return when the hold is looked at again, if day and time were given."""
        if self.hold_until.data is None or self.hold_time.data is None:
            return None
        return at_local(self.hold_until.data, self.hold_time.data)

    def is_complete(self) -> bool:
        """Ask for what the chosen decision needs; return whether it is all there."""
        decision = self.decision.data
        if decision == Decision.PROCEED_WITH_PLAN and not self.reason.data:
            self.refuse("Say what the plan is", "reason")
        if decision == Decision.HOLD:
            if not self.reason.data:
                self.refuse("Say why the notice is held", "reason")
            if self.hold_until.data is None:
                self.refuse("Enter the day on which the hold is reviewed", "hold_until")
            if self.hold_time.data is None:
                self.refuse("Enter the time at which the hold is reviewed", "hold_time")
        return not self.errors


class SignatureForm(PageForm):
    """A manager's answer to a hold."""

    answer = OneOfField("Answer", [Required()], choices=(("sign", "Sign"), ("decline", "Decline")))


class ActionForm(PageForm):
    """Something that an agency did about the case."""

    action = DropDownField(
        "What was done",
        [Required("Choose what was done")],
        choices=(("", "Choose"), *((str(kind), title) for kind, title in ACTION_TITLES.items())),
    )
    note = LongTextField(
        "Note",
        description="The team reads it, enforcement does not. Leave out what a partner said.",
        longest=1000,
    )
