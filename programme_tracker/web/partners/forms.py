"""What victim safety writes in a partner's file."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms.validators import ValidationError

from programme_tracker.victim_safety.rules import ViewReason, dash_level_of
from programme_tracker.victim_safety.services import PartnerDetails
from programme_tracker.web.fields import (
    AnyOfField,
    DayMonthYearField,
    DropDownField,
    LongTextField,
    OneOfField,
    PageForm,
    PhoneNumberField,
    Required,
    TextField,
    WholeNumberField,
)
from programme_tracker.web.partners import wording
from programme_tracker.workflows.partner_files import NOBODY_TO_CONTACT


class ReasonForm(PageForm):
    """Why a file is opened."""

    reason = OneOfField(
        "Why do you open this file?",
        [Required("Choose why you open this file")],
        choices=[
            (reason.value, wording.REASONS[reason])
            for reason in ViewReason
            if reason != ViewReason.BREAK_GLASS
        ],
    )
    words = TextField(
        "In your words", description="Needed for another reason. Victim safety alone reads it.", longest=500
    )

    def validate_words(self, field: TextField) -> None:
        """Ask for words where the reason has none of its own."""
        if self.reason.data == ViewReason.OTHER and not field.data:
            raise ValidationError("Say why you open this file")


class BreakGlassForm(PageForm):
    """Why a manager has to know now."""

    words = LongTextField(
        "Why do you need to know now?",
        [Required("Say why you need to know now")],
        description="For example: police are at the door, and nobody of victim safety answers.",
        longest=1000,
    )


class NobodyForm(PageForm):
    """Why nobody is contacted."""

    why = OneOfField(
        "Why is nobody contacted?",
        [Required("Choose why nobody is contacted")],
        choices=NOBODY_TO_CONTACT.items(),
    )


class DetailsForm(PageForm):
    """Who a partner is, and how to reach them safely."""

    name = TextField("Name", [Required("Enter their name, or what they want to be called")])
    relationship = OneOfField(
        "Who are they to the participant?",
        [Required("Choose who they are to the participant")],
        choices=wording.RELATIONSHIPS.items(),
    )
    number = PhoneNumberField(
        "Safe number", description="A number that the participant cannot answer or see."
    )
    safe_times = TextField("Safe times", description="For example: weekdays before 3pm, never on Thursdays.")
    message = LongTextField(
        "How to leave a message",
        description="Who to say you are, the words they prefer, or that no message may be left.",
        longest=1000,
        render_kw={"rows": 2},
    )
    address = LongTextField("Address", description="Only if you need it.", longest=500, render_kw={"rows": 2})
    born_on = DayMonthYearField(
        "Date of birth",
        what="the date of birth",
        example="31 1 1990",
        description="Shows whether they are on the system too.",
    )
    worker = DropDownField("Victim-safety worker", empty="The whole team")

    def show(self, details: PartnerDetails) -> None:
        """Fill the form with what is known."""
        for name in ("name", "relationship", "number", "safe_times", "message", "address", "born_on"):
            getattr(self, name).data = getattr(details, name)
        self.worker.data = str(details.worker_id or "")

    @property
    def details(self) -> PartnerDetails:
        """What was typed."""
        return PartnerDetails(
            name=self.name.data or "",
            number=self.number.data or None,
            safe_times=self.safe_times.data or None,
            worker_id=int(self.worker.data) if self.worker.data else None,
            message=self.message.data or None,
            relationship=self.relationship.data,
            address=self.address.data or None,
            born_on=self.born_on.data,
        )


class EntryForm(PageForm):
    """Something written in the file; ``content`` is what is kept of it."""

    def show(self, content: dict[str, Any]) -> None:
        """Fill the form with an entry that is to be corrected."""
        for name, value in content.items():
            field = self._fields.get(name)
            if field is not None:
                is_date = isinstance(field, DayMonthYearField) and value
                field.data = date.fromisoformat(value) if is_date else value

    @property
    def content(self) -> dict[str, Any]:
        """What was typed, by field, without the hidden ones and what was left empty."""
        hidden = {"about", "seen_version", "csrf_token", "finishes"}
        return {name: field.data for name, field in self._fields.items() if name not in hidden and field.data}


class ContactForm(EntryForm):
    """A contact with a partner, or an attempt."""

    way = OneOfField(
        "How?", [Required("Choose how you tried to reach them")], choices=wording.WAYS.items(), default="call"
    )
    outcome = OneOfField(
        "What came of it?", [Required("Choose what came of it")], choices=wording.OUTCOMES.items()
    )
    explained = AnyOfField(
        "What did you explain?",
        choices=wording.EXPLAINED.items(),
        description="Somebody who declines support still gets clear information.",
    )
    note = LongTextField(
        "Note",
        description="What they said, and what you saw. Say which is which. It stays in this file.",
    )
    finishes = AnyOfField(
        "Which contacts that were due does this answer?",
        description="After an attempt they stay due, whatever is ticked.",
    )

    def offer(self, due: Iterable[tuple[int, str]]) -> None:
        """Offer the contacts that are due; all are ticked until somebody chooses."""
        pairs = [(str(task_id), words) for task_id, words in due]
        self.finishes.set_choices(pairs)
        if not self.is_submitted():
            self.finishes.data = [value for value, _ in pairs]


class DashForm(EntryForm):
    """A DASH assessment."""

    level = OneOfField("Level", [Required("Choose the level")], choices=wording.LEVELS.items())
    score = WholeNumberField(
        "Score",
        most=24,
        description="1 to 9 standard, 10 to 13 medium, 14 or more high. Your judgement decides.",
    )
    form_version = TextField("Form", [Required("Enter which form you used")], default="SafeLives DASH 24")
    assessor = TextField("Assessed by", [Required("Enter who assessed")])
    assessed_on = DayMonthYearField("Assessed on", [Required()], what="the day of the assessment")
    note = LongTextField("Reasons", description="Needed when your level is not the one the score suggests.")

    def validate_note(self, field: LongTextField) -> None:
        """Ask for reasons where judgement departs from the score."""
        suggested = dash_level_of(self.score.data)
        if suggested and self.level.data and suggested != self.level.data and not field.data:
            raise ValidationError(f"The score suggests {suggested}. Say why you judge it {self.level.data}")


class PlanForm(EntryForm):
    """A version of the safety plan."""

    plan = LongTextField("The plan", [Required("Write the plan")], render_kw={"rows": 10}, longest=10_000)
    review_on = DayMonthYearField("Look at it again on", what="the day to look at it again")


class ChangeForm(EntryForm):
    """What has changed."""

    what = OneOfField(
        "What has changed?", [Required("Choose what has changed")], choices=wording.CHANGES.items()
    )
    note = LongTextField("Note")


class ImpactForm(EntryForm):
    """Answers at one IMPACT time point."""

    respect = OneOfField(wording.DOMAINS["respect"], choices=wording.SCALE)
    space = OneOfField(wording.DOMAINS["space"], choices=wording.SCALE)
    safety = OneOfField(wording.DOMAINS["safety"], choices=wording.SCALE)
    parenting = OneOfField(wording.DOMAINS["parenting"], choices=wording.SCALE)
    awareness = OneOfField(wording.DOMAINS["awareness"], choices=wording.SCALE)
    childhoods = OneOfField(wording.DOMAINS["childhoods"], choices=wording.SCALE)
    note = LongTextField("In their words")

    def validate_note(self, field: LongTextField) -> None:
        """Ask for one answer at least."""
        asked = [self._fields[name].data for name in wording.DOMAINS]
        if not field.data and not any(answer and answer != "none" for answer in asked):
            raise ValidationError("Answer at least one question, or write what they said")


class AlsoForm(PageForm):
    """Which participant a partner is."""

    reference = TextField(
        "Reference of the other participant",
        [Required("Enter the reference, for example P000012")],
        description="It stands on their page. Nobody but victim safety sees this link.",
        longest=12,
    )


class NotForm(PageForm):
    """Why a partner is not that participant."""

    note = LongTextField("How do you know?", [Required("Say how you know that it is somebody else")])
