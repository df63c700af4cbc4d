"""What is asked when a wording, a language or a banned word is changed."""

from programme_tracker.messaging.rules import MessageKind
from programme_tracker.web.fields import (
    DropDownField,
    LongTextField,
    OneOfField,
    PageForm,
    Required,
    TextField,
)

KIND_TITLES = {
    MessageKind.BOOKED: "Booking made",
    MessageKind.REMINDER: "Reminder",
    MessageKind.CHANGED: "Session moved",
    MessageKind.CANCELLED: "Session cancelled",
    MessageKind.ANSWER: "Neutral answers",
}

DATES = (
    ("english", "In English: Thu 26 Nov 6.30pm"),
    ("welsh", "In Welsh: Iau 26 Tach 6.30yh"),
    ("figures", "In figures: 26/11 18:30"),
)


class WordingForm(PageForm):
    """One template's text."""

    text = LongTextField("What the text says", [Required("Enter what the text says")], render_kw={"rows": 4})
    note = TextField("Why it changes", [Required("Say why, for whoever looks later")], longest=300)


class PlaceForm(PageForm):
    """For whom another wording is."""

    kind = OneOfField(
        "Which text?",
        [Required()],
        choices=[(kind.value, title) for kind, title in KIND_TITLES.items()],
        ask="Choose which text",
    )
    programme = DropDownField("Programme", empty="Every programme")
    language = DropDownField("Language", [Required()], empty=None)
    name = TextField(
        "Name of the answer", description="Only for a neutral answer: a word or two that staff know it by."
    )


class LanguageForm(PageForm):
    """A language or a variant of one."""

    title = TextField(
        "Language or variant",
        [Required()],
        description="For example Polish, or English, easy words.",
        longest=40,
    )
    dates = OneOfField("How are days said?", [Required()], choices=DATES, ask="Choose how days are said")


class WordForm(PageForm):
    """A word that no text may say."""

    word = TextField("Word, or several together", [Required("Enter a word")], longest=60)
    reason = TextField("Why", [Required("Say why, for whoever looks later")], longest=300)


class BecauseForm(PageForm):
    """Why something is undone."""

    reason = TextField("Why", [Required("Say why, for whoever looks later")], longest=300)
