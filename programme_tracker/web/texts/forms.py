"""Answering a text, and the forms beside it."""

from programme_tracker.web.fields import (
    DropDownField,
    HiddenField,
    LongTextField,
    PageForm,
    Required,
    TextField,
)

#: Far more than one text, so that what is too long is said to be, not cut.
LONGEST_TYPED = 1600


class AnswerForm(PageForm):
    """A neutral answer chosen, or words of one's own."""

    #: Makes a second click the same answer.
    token = HiddenField()
    neutral = DropDownField("A neutral answer", empty="Write my own below")
    body = LongTextField("Or in your own words", longest=LONGEST_TYPED, render_kw={"rows": 3})

    @property
    def words(self) -> str:
        """Return what would go: one's own words where there are any."""
        return " ".join((self.body.data or self.neutral.data or "").split())


class ConsentForm(PageForm):
    """How somebody said that they want texts again."""

    how = TextField("How did they tell you?", [Required("Say how they told you")], longest=300)


class PhraseForm(PageForm):
    """A phrase that tells of the wrong person."""

    phrase = TextField("Phrase", [Required("Enter what they write, for example “wrong number”")], longest=100)


class RemoveForm(PageForm):
    """A phrase to take off the list."""

    listed = DropDownField("Take a phrase off", [Required("Choose a phrase")])


class TryForm(PageForm):
    """A text to try the reading on."""

    said = TextField("Text", [Required("Enter a text to try")], longest=LONGEST_TYPED)
