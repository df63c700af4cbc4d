"""What victim safety and managers write about a sign-off."""

from wtforms.validators import ValidationError

from programme_tracker.referrals.rules import Gate, may_change
from programme_tracker.web.fields import LongTextField, OneOfField, PageForm, Required

DECISIONS = (
    (Gate.GRANTED, "Grant: texts may go and sessions may be booked"),
    (Gate.REFUSED, "Refuse: nothing goes to the participant"),
)


class SignOffForm(PageForm):
    """Grant or refuse."""

    decision = OneOfField("Your decision", [Required()], ask="Choose to grant or to refuse")
    reason = LongTextField(
        "Reason",
        description="Needed when you refuse. Only victim safety reads it.",
        longest=2000,
    )

    @classmethod
    def for_gate(cls, enrolment_id: int, gate: Gate) -> "SignOffForm":
        """Offer the decisions that may follow the present state."""
        form = cls(about=str(enrolment_id), seen_version=gate.value)
        form.decision.set_choices(
            (decision.value, words) for decision, words in DECISIONS if may_change(gate, decision)
        )
        return form

    def validate_reason(self, field: LongTextField) -> None:
        """Ask why, when it is refused."""
        if self.decision.data == Gate.REFUSED and not field.data:
            raise ValidationError("Say why you refuse the sign-off")


class WithdrawForm(PageForm):
    """Why a sign-off is taken back."""

    reason = LongTextField(
        "Reason",
        [Required()],
        description="Only victim safety reads it.",
        ask="Say why you withdraw the sign-off",
        longest=2000,
    )


class NotApplicableForm(PageForm):
    """Why no sign-off applies."""

    reason = LongTextField(
        "Reason",
        [Required()],
        description="For example: there is no partner or former partner to be kept safe.",
        ask="Say why no sign-off applies",
        longest=2000,
    )
