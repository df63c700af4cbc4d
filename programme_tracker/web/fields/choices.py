"""Choosing: one of a few, several, one of many."""

# mypy: allow-subclassing-any, allow-untyped-calls
# WTForms is published without types.

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from markupsafe import Markup
from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from programme_tracker.web.fields.base import asking, lower_first

Pairs = Iterable[tuple[Any, str]]


def select_choices(pairs: Pairs | None) -> list[SelectChoice]:
    """Return (value, label) pairs as WTForms wants them."""
    return [SelectChoice(value, label) for value, label in pairs or ()]


class _FromPairs:
    """Lets ``choices`` be given, and set later, as (value, label) pairs."""

    data: Any

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        choices: Pairs | None = None,
        ask: str = "",
        **kw: Any,
    ) -> None:
        super().__init__(label, validators, choices=select_choices(choices), **kw)  # type: ignore[call-arg]  # WTForms
        self.ask = ask

    def set_choices(self, pairs: Pairs) -> None:
        """Offer these (value, label) pairs."""
        self.choices = select_choices(pairs)

    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered; an empty answer is for Required to refuse."""
        if self.data in (None, "", "None"):
            self.data = None
            return
        try:
            super().pre_validate(form)  # type: ignore[misc]  # the field beside it
        except ValidationError as error:
            raise ValidationError(asking(self)) from error


class OneOfField(_FromPairs, RadioField):
    """One of a few: radio buttons. ``choices`` are (value, label) pairs."""


class DropDownField(_FromPairs, SelectField):
    """One of a dozen: a drop-down. ``choices`` are (value, label) pairs; ``empty`` is the first line."""

    def __init__(
        self, label: str, validators: Sequence[Any] = (), *, empty: str | None = "Choose…", **kw: Any
    ) -> None:
        self.empty = empty
        super().__init__(label, validators, **kw)
        self.set_choices((choice.value, choice.label) for choice in self.choices)

    def set_choices(self, pairs: Pairs) -> None:
        """Offer these (value, label) pairs below the empty line."""
        first = [("", self.empty)] if self.empty is not None else []
        self.choices = select_choices([*first, *pairs])


class AnyOfField(_FromPairs, SelectMultipleField):
    """Any number of a few: tick boxes. ``choices`` are (value, label) pairs."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered."""
        offered = {choice.value for choice in self.choices}
        if any(value not in offered for value in self.data or ()):
            raise ValidationError(asking(self))


class DatalistInput(TextInput):
    """A text box with its list of suggestions beside it; works without JavaScript."""

    def __call__(self, field: Any, **kw: Any) -> Markup:
        """Draw the box and its list."""
        kw.setdefault("list", f"{field.id}-list")
        kw.setdefault("autocomplete", "off")
        options = Markup("").join(Markup('<option value="{}">').format(label) for _, label in field.pairs)
        listed = Markup('<datalist id="{}-list">{}</datalist>').format(field.id, options)
        return Markup("{}{}").format(super().__call__(field, **kw), listed)


class SearchableSelectField(StringField):
    """One of many, found by typing part of it. ``choices`` are (value, label) pairs.

    Labels must differ from each other: add a birth date or a place. ``data`` is the value
    chosen; what was typed stays in the box. A part that fits one label alone is enough.
    """

    widget = DatalistInput()

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        choices: Pairs | None = None,
        coerce: Callable[[Any], Any] = str,
        ask: str = "",
        **kw: Any,
    ) -> None:
        self.pairs: list[tuple[Any, str]] = list(choices or ())
        self.coerce = coerce
        self.ask = ask or f"Choose {lower_first(label)} from the list"
        super().__init__(label, validators, **kw)

    def set_choices(self, pairs: Pairs) -> None:
        """Offer these (value, label) pairs, and read again what was typed."""
        self.pairs = list(pairs)
        if self.raw_data is not None:
            self.process_formdata(self.raw_data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Find the choice that was typed; pre_validate says when there is none."""
        text = valuelist[0].strip() if valuelist else ""
        found = self.matching(text)
        self.data = self.coerce(found[0][0]) if len(found) == 1 else None

    def matching(self, text: str) -> list[tuple[Any, str]]:
        """Return the choices that ``text`` may mean: the very label or value, or those holding it."""
        wanted = text.casefold()
        if not wanted:
            return []
        exact = [pair for pair in self.pairs if wanted in (pair[1].casefold(), str(pair[0]).casefold())]
        return exact or [pair for pair in self.pairs if wanted in pair[1].casefold()]

    def pre_validate(self, form: Any) -> None:
        """Ask for more where the text fits none or several."""
        text = self.raw_data[0].strip() if self.raw_data else ""
        if not text or self.data is not None:
            return
        several = len(self.matching(text))
        raise ValidationError(f"{several} choices hold “{text}”: write more of it" if several else self.ask)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return next((label for value, label in self.pairs if self.coerce(value) == self.data), "")
