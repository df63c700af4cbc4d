"""Words, whole numbers and telephone numbers."""

# mypy: allow-subclassing-any, allow-untyped-calls
# WTForms is published without types.

import re
from collections.abc import Sequence
from typing import Any

from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from programme_tracker.messaging.numbers import NumberKind, display, normalise
from programme_tracker.web.fields.base import lower_first


def strip(text: str | None) -> str | None:
    """Return typed text without the spaces around it."""
    return text.strip() if isinstance(text, str) else text


class _Text:
    """What one line and several lines have in common: the question, and the length allowed."""

    data: str | None
    label: Any
    default_longest = 200

    def __init__(
        self, label: str, validators: Sequence[Any] = (), *, ask: str = "", longest: int = 0, **kw: Any
    ) -> None:
        kw.setdefault("filters", (strip,))
        super().__init__(label, validators, **kw)  # type: ignore[call-arg]  # WTForms
        self.ask = ask
        self.longest = longest or self.default_longest

    def pre_validate(self, form: Any) -> None:
        """Refuse text that would not fit."""
        if self.data and len(self.data) > self.longest:
            raise ValidationError(f"{self.label.text} must be {self.longest:,} characters or fewer")


class TextField(_Text, StringField):
    """One line of text, any character; spaces around it do not count.

    ``ask`` is said when it is required and empty; ``longest`` is in characters.
    """


class LongTextField(_Text, TextAreaField):
    """Several lines of text, any character; ``longest`` is in characters."""

    default_longest = 4000

    def __init__(self, label: str, validators: Sequence[Any] = (), **kw: Any) -> None:
        kw.setdefault("render_kw", {"rows": 4})
        super().__init__(label, validators, **kw)


class WholeNumberField(IntegerField):
    """A whole number between ``least`` and ``most``, typed on a number pad."""

    widget = TextInput()

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        least: int = 0,
        most: int = 100_000,
        ask: str = "",
        **kw: Any,
    ) -> None:
        kw.setdefault("render_kw", {"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(label, validators, **kw)
        self.least, self.most, self.ask = least, most, ask

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if not re.fullmatch(r"-?\d{1,9}", text) or not self.least <= int(text) <= self.most:
            raise ValueError(f"{self.label.text} must be a whole number from {self.least} to {self.most:,}")
        self.data = int(text)


class PhoneNumberField(StringField):
    """A British telephone number, kept as "+447700900101".

    Only asks whether it can be a number at all; whether texts may go there is decided where it
    is saved. The numbers set aside for drama are taken: demonstrations use them.
    """

    def __init__(self, label: str, validators: Sequence[Any] = (), *, ask: str = "", **kw: Any) -> None:
        kw.setdefault("render_kw", {"inputmode": "tel", "autocomplete": "off"})
        super().__init__(label, validators, **kw)
        self.ask = ask or f"Enter {lower_first(label)}, for example 07700 900101"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed, in any grouping."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = text or None
        if not text:
            return
        number = normalise(text, allow_drama=True)
        if not number.is_possible or number.kind is NumberKind.OTHER:
            raise ValueError("That is possibly not a telephone number. Check it, or leave it empty")
        self.data = number.e164

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return display(self.data) if self.data else ""
