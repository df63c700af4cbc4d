"""What a referral asks, and what is asked to decide on one."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from wtforms.validators import ValidationError

from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.clock import now
from programme_tracker.kernel.working_time import local_date
from programme_tracker.people.models import Participant
from programme_tracker.people.services import GuardianDetails, NewParticipant
from programme_tracker.referrals.models import Referral
from programme_tracker.referrals.rules import (
    CARA_QUESTIONS,
    UNKNOWN,
    EligibilityQuestion,
    caution_length_check,
)
from programme_tracker.referrals.services import ReferralDetails
from programme_tracker.web.fields import (
    BooleanField,
    DayMonthYearField,
    DropDownField,
    HiddenField,
    LongTextField,
    OneOfField,
    PageForm,
    PhoneNumberField,
    Required,
    SearchableSelectField,
    TextField,
)
from programme_tracker.web.presentation import full_day_words

NEW_PERSON = "new"
NOBODY = "nobody"
RISKS = (("standard", "Standard"), ("medium", "Medium"), ("high", "High"))
ROUTES = (
    ("police", "Police"),
    ("probation", "Probation"),
    ("childrens_services", "Children’s services"),
    ("specialist_services", "A specialist service"),
    ("self", "The person themselves"),
    ("other", "Somebody else"),
)
ANSWERS = (("yes", "Yes"), ("no", "No"), (UNKNOWN, "Not known"))
LEVELS = (("standard", "Standard"), ("medium", "Medium"), ("high", "High"), (UNKNOWN, "Not known"))


def question_field(question: EligibilityQuestion) -> OneOfField:
    """Return the radio buttons for one eligibility question."""
    return OneOfField(
        question.text,
        [Required()],
        choices=LEVELS if question.by_level else ANSWERS,
        description=question.hint,
        ask="Choose the DASH level, or not known" if question.by_level else "Choose yes, no or not known",
    )


class PersonForm(PageForm):
    """Who is referred; ``same_as`` is asked only when somebody like them is known already."""

    request_key = HiddenField(default=lambda: str(uuid4()))
    same_as = OneOfField("Is it this person?", ask="Choose the person, or a new person")
    name = TextField("Full name", [Required()], longest=120)
    born_on = DayMonthYearField("Date of birth", [Required()], what="the date of birth", example="31 1 1990")
    mobile = PhoneNumberField(
        "Mobile number",
        description="For reminders of appointments. Leave it empty if it is not known or not safe to use.",
    )
    risk = OneOfField("Risk", [Required()], choices=RISKS, ask="Choose the risk level")

    def validate_born_on(self, field: DayMonthYearField) -> None:
        """Refuse a birth that is still to come."""
        refuse_future(field, "The date of birth is still to come. Check the year")

    def offer_doubles(self, people: Sequence[Participant]) -> None:
        """Ask whether it is one of these people, if there are any."""
        if people:
            choices = [(str(person.id), double_label(person)) for person in people]
            self.same_as.set_choices([*choices, (NEW_PERSON, "No, a new person")])
            self.same_as.flags.required = True

    @property
    def person_id(self) -> int | None:
        """Return the known person it is, None for a new one."""
        return chosen_id(self.same_as.data)

    def new_person(self) -> NewParticipant:
        """Return who is referred, as a new person."""
        assert self.name.data and self.born_on.data
        return NewParticipant(
            name=self.name.data, born_on=self.born_on.data, mobile=self.mobile.data, risk=self.risk.data
        )


class CautionForm(PersonForm):
    """A referral under a conditional caution; the questions of CARA follow as fields of their own."""

    officer = SearchableSelectField(
        "Officer in the case",
        [Required()],
        description="Gets the breach notices. Start to type the name.",
        ask="Choose the officer from the list",
    )
    caution_reference = TextField("Caution reference", [Required()], longest=60)
    issued_on = DayMonthYearField(
        "Date the caution was issued",
        [Required()],
        what="the date the caution was issued",
        example="28 8 2026",
    )
    expires_on = DayMonthYearField(
        "Date the caution expires",
        [Required()],
        what="the date the caution expires",
        description="As printed on the caution, usually four months after it was issued.",
    )
    as_printed = BooleanField("The expiry date is as printed on the caution")

    def validate_issued_on(self, field: DayMonthYearField) -> None:
        """Refuse a caution that was not issued yet."""
        refuse_future(field, "The caution cannot have been issued after today. Check the date.")

    def validate_expires_on(self, field: DayMonthYearField) -> None:
        """Refuse an expiry before the issue or today; ask once about one that is not four months on."""
        issued_on, expires_on = self.issued_on.data, field.data
        if issued_on is None or expires_on is None:
            return
        if expires_on <= issued_on:
            raise ValidationError("The caution must expire after it was issued. Check both dates.")
        if expires_on < local_date(now()):
            raise ValidationError("This caution has expired, so no workshop can follow. Check the date.")
        if self.length_warning and not self.as_printed.data:
            raise ValidationError(f"{self.length_warning} If it is right, tick the box below and send again.")

    @property
    def length_warning(self) -> str | None:
        """Return the warning about an expiry that is not four months after the issue."""
        if self.issued_on.data is None or self.expires_on.data is None:
            return None
        return caution_length_check(self.issued_on.data, self.expires_on.data)

    @property
    def questions(self) -> list[Any]:
        """Return the fields of the eligibility questions, in their order."""
        return [self[question.key] for question in CARA_QUESTIONS]

    def details(self, programme_code: str, referrer_id: int) -> ReferralDetails:
        """Return what the referrer says; ``referrer_id`` is the officer."""
        return ReferralDetails(
            programme_code=programme_code,
            route="police",
            referrer_id=referrer_id,
            caution_reference=self.caution_reference.data,
            caution_issued_on=self.issued_on.data,
            caution_expires_on=self.expires_on.data,
            answers={question.key: self[question.key].data for question in CARA_QUESTIONS},
            request_key=self.request_key.data,
        )


for _question in CARA_QUESTIONS:
    setattr(CautionForm, _question.key, question_field(_question))


class ReferralForm(PersonForm):
    """A referral to a programme without a caution, entered by the team."""

    route = OneOfField(
        "Who refers?", [Required()], choices=ROUTES, ask="Choose where the referral comes from"
    )
    officer = SearchableSelectField(
        "Officer who refers",
        description="Only when police refer. Start to type the name.",
        ask="Choose the officer from the list, or leave it empty",
    )
    is_mandated = BooleanField(
        "Attendance is a condition of an order, licence or caution",
        description="Then every missed session is reported, whatever the reason.",
    )
    guardian_name = TextField("Guardian’s name", longest=120)
    guardian_mobile = PhoneNumberField("Guardian’s mobile number")
    guardian_agrees = BooleanField("The guardian agrees to get the texts")

    def validate_officer(self, field: SearchableSelectField) -> None:
        """Ask for the officer when police refer."""
        if self.route.data == "police" and field.data is None and not field.errors:
            raise ValidationError("Choose the officer who refers from the list")

    def validate_guardian_mobile(self, field: PhoneNumberField) -> None:
        """Ask whose number it is."""
        if field.data and not self.guardian_name.data:
            raise ValidationError("Enter the guardian’s name as well")

    def new_person(self) -> NewParticipant:
        """Return who is referred, as a new person with the guardian given."""
        person = super().new_person()
        if "guardian_name" not in self or not self.guardian_name.data:
            return person
        guardian = GuardianDetails(
            self.guardian_name.data, self.guardian_mobile.data, bool(self.guardian_agrees.data)
        )
        return NewParticipant(person.name, person.born_on, person.mobile, person.risk, guardian=guardian)

    def details(self, programme_code: str, referrer_id: int) -> ReferralDetails:
        """Return what the referrer says; ``referrer_id`` is the officer, or who enters it."""
        return ReferralDetails(
            programme_code=programme_code,
            route=self.route.data,
            referrer_id=(chosen_id(self.officer.data) if self.route.data == "police" else None)
            or referrer_id,
            is_mandated=bool(self.is_mandated.data),
            request_key=self.request_key.data,
        )


def refuse_future(field: DayMonthYearField, message: str) -> None:
    """Raise ValidationError with ``message`` for a date after today in London."""
    if isinstance(field.data, date) and field.data > local_date(now()):
        raise ValidationError(message)


def double_label(person: Participant) -> str:
    """Say who a known person is, so that two of one name can be told apart."""
    return f"{person.name}, born {full_day_words(person.born_on)}, {person.reference}"


class AcceptForm(PageForm):
    """Who takes an accepted referral on."""

    same_as = OneOfField("Is it this person?", ask="Choose the person, or a new person")
    lead = DropDownField("Lead caseworker", [Required()], empty=None)
    worker = DropDownField(
        "Victim-safety worker",
        [Required()],
        empty=None,
        description="Asked for the sign-off now, and told first of every absence.",
    )

    @classmethod
    def for_referral(
        cls, referral: Referral, doubles: Sequence[Participant], me: int | None, staff: "Colleagues"
    ) -> "AcceptForm":
        """Offer the staff; I am the lead unless somebody else is chosen."""
        mine = str(me) if me in {person.id for person in staff.leads} else NOBODY
        form = cls(about=str(referral.id), lead=mine, worker=NOBODY)
        nobody = (NOBODY, "The whole team")
        form.lead.set_choices([nobody, *((str(person.id), person.name) for person in staff.leads)])
        form.worker.set_choices([nobody, *((str(person.id), person.name) for person in staff.workers)])
        known = [(str(person.id), double_label(person)) for person in doubles]
        form.same_as.set_choices([*known, (NEW_PERSON, "No, a new person")] if known else [])
        form.same_as.flags.required = bool(known)
        return form

    def validate_same_as(self, field: OneOfField) -> None:
        """Ask while somebody like this person is known."""
        if field.choices and not field.data:
            raise ValidationError(field.ask)

    @property
    def lead_id(self) -> int | None:
        """Return the lead, None for the whole team."""
        return chosen_id(self.lead.data)

    @property
    def worker_id(self) -> int | None:
        """Return the victim-safety worker, None for the whole team."""
        return chosen_id(self.worker.data)

    @property
    def person_id(self) -> int | None:
        """Return the known person it is, None for a new one."""
        return chosen_id(self.same_as.data)


class Colleagues:
    """The staff that an accepted referral may be given to."""

    def __init__(self, leads: Sequence[Staff], workers: Sequence[Staff]) -> None:
        self.leads, self.workers = leads, workers


def chosen_id(value: str | None) -> int | None:
    """Return the id that was chosen from a list, None for "nobody" and "new"."""
    return int(value) if value and value.isdigit() else None


class ReasonForm(PageForm):
    """Why a referral is refused, or what is asked."""

    reason = LongTextField("Reason", [Required()], ask="Write a sentence or two", longest=1000)


class AnswersForm(PageForm):
    """What a held referral left open; a field for each open question."""

    @classmethod
    def for_questions(cls, questions: Sequence[EligibilityQuestion], referral: Referral) -> "AnswersForm":
        """Return a form with one field for each of these questions."""
        fields = {question.key: question_field(question) for question in questions}
        form = type("OpenAnswersForm", (cls,), fields)(about=str(referral.id))
        assert isinstance(form, AnswersForm)
        form.asked = [form[question.key] for question in questions]
        return form

    asked: list[Any]

    def answers(self) -> dict[str, str]:
        """Return the answers by question."""
        return {field.name: str(field.data) for field in self.asked}
