"""The form that every form is, and how a question is put in words."""

# mypy: allow-subclassing-any, allow-untyped-calls
# WTForms is published without types.

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto, _is_submitted
from wtforms import Field, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, StopValidation


def lower_first(text: str) -> str:
    """Return a label as it stands inside a sentence: "Caution reference" → "caution reference".

    Abbreviations ("DASH level") keep their capitals.
    """
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


class Required(InputRequired):
    """Asks for an answer in the field's own words, or in ``message``."""

    def __call__(self, form: Any, field: Any) -> None:
        """Stop with the field's question when nothing was given."""
        given = field.raw_data and any(str(value).strip() for value in field.raw_data)
        if given:
            return
        field.errors[:] = []
        raise StopValidation(self.message or asking(field))


def asking(field: Any) -> str:
    """Return what a field asks for when it was left empty."""
    own = getattr(field, "ask", None)
    if own:
        return str(own)
    verb = "Choose" if isinstance(field, RadioField | SelectField | SelectMultipleField) else "Enter"
    return f"{verb} {lower_first(field.label.text)}"


class PageForm(FlaskForm):
    """A form of ours: CSRF, whom it is about, and the version that was on the screen.

    A page about one person or case fills ``about`` and ``seen_version``; both come back as
    typed, so that two tabs on two people never mix and a stale save is noticed.
    """

    class Meta(FlaskForm.Meta):
        """How the form is filled from a request."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Take the fields of a form alone: no JSON of any shape, and no files where words belong."""
            if formdata is _Auto:
                return (request.form or None) if _is_submitted() else None
            return formdata

    about = HiddenField()
    seen_version = HiddenField()

    def is_about(self, subject: object) -> bool:
        """Tell whether the form that came back was made for ``subject``."""
        return (self.about.data or "") == str(subject)

    def refuse(self, message: str, field: str | None = None) -> None:
        """Show a refusal beside its field, or at the top when it belongs to none."""
        target = getattr(self, field, None) if field else None
        if isinstance(target, Field):
            target.errors = [*target.errors, message]
        else:
            self.form_errors.append(message)
