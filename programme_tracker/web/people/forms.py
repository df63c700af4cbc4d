"""What is asked before something is done about a participant."""

from wtforms.validators import DataRequired, ValidationError

from programme_tracker.kernel.clock import now
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.templates.queries import languages
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.referrals.rules import PoliceDecision, SuspensionReason
from programme_tracker.web.fields import (
    BooleanField,
    DayMonthYearField,
    DropDownField,
    LongTextField,
    OneOfField,
    PageForm,
    PhoneNumberField,
    Required,
)
from programme_tracker.web.people.timeline import CONTACT_WORDS, REACHED_WORDS

RISKS = (("standard", "Standard"), ("medium", "Medium"), ("high", "High"))


class SuspendForm(PageForm):
    """Why an enrolment is suspended."""

    reason = OneOfField(
        "Why?",
        [Required()],
        choices=[
            (SuspensionReason.CUSTODY.value, "In custody"),
            (SuspensionReason.ILLNESS.value, "Illness"),
            (SuspensionReason.SAFETY.value, "Safety"),
            (SuspensionReason.OTHER.value, "Another reason"),
        ],
        description="Facilitators see only “suspended”.",
        ask="Choose why it is suspended",
    )


class ContactForm(PageForm):
    """A contact with the participant."""

    kind = OneOfField(
        "How?",
        [Required()],
        choices=[*list(CONTACT_WORDS.items())[:-1], ("other", "Another way")],
        default="call",
        ask="Choose how you were in contact",
    )
    outcome = OneOfField(
        "What came of it?",
        [Required()],
        choices=list(REACHED_WORDS.items()),
        description="An attempt that reached nobody is kept, but it is no contact.",
        ask="Choose what came of it",
    )
    note = LongTextField("Note", description="What was said or agreed. Nothing about a partner.")


class DetailsForm(PageForm):
    """A participant's number, risk and priority."""

    mobile = PhoneNumberField(
        "Mobile number", description="For texts about appointments. Leave it empty to stop them."
    )
    language = DropDownField(
        "Language of texts",
        [DataRequired("Choose the language of texts")],
        description="Texts still to come are worded anew.",
        empty=None,
    )
    risk = OneOfField("Risk", [Required()], choices=RISKS, ask="Choose the risk level")
    is_priority = BooleanField(
        "Serial or priority person",
        description="Then enforcement is told of a red flag whatever the risk.",
    )

    @classmethod
    def for_person(cls, enrolment_id: int, person: Participant) -> "DetailsForm":
        """Return the form with what is known now."""
        form = cls(
            about=str(enrolment_id),
            seen_version=str(person.version),
            mobile=person.mobile,
            language=person.language,
            risk=person.risk,
            is_priority=person.is_priority,
        )
        form.language.set_choices([(one.code, one.title) for one in languages()])
        return form


class ConfirmForm(PageForm):
    """Nothing but the wish itself."""


class ConsentAgainForm(PageForm):
    """How somebody who had texted STOP agreed to texts again."""

    reason = LongTextField(
        "How and when did they agree?",
        [Required()],
        description="For example: said so on the telephone today. A text that says START is not enough.",
        ask="Say how and when they agreed",
        longest=500,
    )


class ReasonForm(PageForm):
    """Why something is done."""

    reason = LongTextField("Reason", [Required()], ask="Say why", longest=2000)


class DangerForm(PageForm):
    """What the danger is."""

    reason = LongTextField(
        "What is the danger?",
        [Required()],
        description="A sentence or two. Police, enforcement, the lead and the manager read these words "
        "as you write them. Write nothing that a partner said or that could only come from a partner.",
        ask="Say what the danger is",
        longest=1000,
    )


class PoliceDecisionForm(PageForm):
    """What police decided."""

    decision = OneOfField(
        "What did police decide?",
        [Required()],
        choices=[
            (
                PoliceDecision.EXCUSED.value,
                "Excused: the absence is accepted and workshops can be booked again",
            ),
            (PoliceDecision.VARIED.value, "Varied: the caution expires on a new day"),
            (PoliceDecision.REBOOKED.value, "Rebooked: both workshops again, by the same expiry"),
            (PoliceDecision.CHARGED.value, "Charged: the enrolment ends and coming workshops are given up"),
        ],
        ask="Choose what police decided",
    )
    caution_expires_on = DayMonthYearField(
        "New date the caution expires",
        what="the new date the caution expires",
        description="Only when the caution is varied.",
    )
    note = LongTextField("Note", description="Anything the team should know.", longest=2000)

    @classmethod
    def for_enrolment(cls, enrolment: Enrolment) -> "PoliceDecisionForm":
        """Return the form for one enrolment's decision."""
        return cls(about=str(enrolment.id), seen_version=str(enrolment.version))

    def validate_caution_expires_on(self, field: DayMonthYearField) -> None:
        """Ask for the new expiry when the caution is varied, and only then."""
        if field.errors:
            return
        varied = self.decision.data == PoliceDecision.VARIED
        if varied and field.data is None:
            raise ValidationError(field.ask)
        if not varied and field.data is not None and self.decision.data:
            raise ValidationError(
                "Choose “Varied” when the caution expires on a new day, or leave the date empty"
            )
        if field.data is not None and field.data < local_date(now()):
            raise ValidationError("The new expiry must be still to come. Check the date.")
