"""The guardian, and a young person's own consent."""

import hashlib

from wtforms.validators import DataRequired, ValidationError

from programme_tracker.messaging.templates.queries import languages
from programme_tracker.people.models import Guardian
from programme_tracker.people.services import GuardianDetails
from programme_tracker.web.fields import (
    BooleanField,
    DropDownField,
    LongTextField,
    OneOfField,
    PageForm,
    PhoneNumberField,
    Required,
    TextField,
)

YES, NO = "yes", "no"


def version_of(guardian: Guardian | None) -> str:
    """Return a mark that changes with anything that is known of a guardian."""
    if guardian is None:
        return "none"
    facts = (guardian.name, guardian.mobile, guardian.language, guardian.has_consented, guardian.is_barred)
    known = repr((*facts, guardian.barred_because))
    return hashlib.sha256(known.encode()).hexdigest()[:16]


class GuardianForm(PageForm):
    """The adult who gets a child's texts."""

    name = TextField("Guardian’s name", [Required("Enter the guardian’s name")])
    mobile = PhoneNumberField(
        "Guardian’s mobile number", description="Texts about appointments go there until the 16th birthday."
    )
    language = DropDownField(
        "Language of the guardian’s texts",
        [DataRequired("Choose the language of the guardian’s texts")],
        description="Texts still to come are worded anew.",
        ask="Choose the language of the guardian’s texts",
        empty=None,
    )
    has_consented = BooleanField("The guardian consents to texts")
    is_barred = BooleanField(
        "Nothing may go to this guardian",
        description="For example after a court order.",
    )
    barred_because = LongTextField(
        "Why nothing may go to them",
        description="For the team. Nothing that a partner said.",
        longest=1000,
        render_kw={"rows": 2},
    )

    @classmethod
    def of(cls, enrolment_id: int, guardian: Guardian | None) -> "GuardianForm":
        """Return the form with what is known of a guardian."""
        form = cls(formdata=None, about=str(enrolment_id), seen_version=version_of(guardian), obj=guardian)
        return form.offering_languages()

    def offering_languages(self) -> "GuardianForm":
        """Offer the languages that there are words for."""
        self.language.set_choices([(one.code, one.title) for one in languages()])
        return self

    def validate_barred_because(self, field: LongTextField) -> None:
        """Ask why a guardian is barred."""
        if self.is_barred.data and not field.data:
            raise ValidationError("Say why nothing may go to this guardian")

    @property
    def details(self) -> GuardianDetails:
        """Return the guardian of a form that was complete."""
        return GuardianDetails(
            self.name.data or "",
            self.mobile.data,
            bool(self.has_consented.data),
            bool(self.is_barred.data),
            self.barred_because.data or None,
        )


class ConsentForm(PageForm):
    """What the young person answered at 16."""

    agrees = OneOfField(
        "Do they agree to texts in their own name?",
        [Required()],
        choices=[(YES, "Yes, texts go to their own number"), (NO, "No, ring them instead")],
        ask="Choose what they answered",
    )
