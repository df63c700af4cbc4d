"""Forms made from the fields of the policy itself, so that a new number needs no form of its own."""

from dataclasses import asdict
from datetime import time
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from programme_tracker.programmes.rules import Policy
from programme_tracker.web.fields import (
    AnyOfField,
    BooleanField,
    ClockTimeField,
    DayMonthYearField,
    DropDownField,
    LongTextField,
    OneOfField,
    PageForm,
    Required,
    TextField,
    WholeNumberField,
)
from programme_tracker.web.policies.drafts import FIXED, kind_of, part_of
from programme_tracker.web.policies.settings import GENERAL, Setting, choice_words, settings_of

LEVELS = (("standard", "Standard"), ("medium", "Medium"), ("high", "High"))
OFF_HINT = "Leave empty to turn it off."


class SectionForm(PageForm):
    """The numbers of one programme, or those of all; ``section_form`` makes it."""

    section = ""

    def groups(self) -> list[tuple[str, list[tuple[Any, str]]]]:
        """Return the fields under their headings, each with its unit."""
        found: dict[str, list[tuple[Any, str]]] = {}
        for name, setting in settings_of(self.section).items():
            if name in self:
                found.setdefault(setting.group, []).append((self[name], setting.unit[1]))
        return list(found.items())

    def values(self) -> dict[str, object] | None:
        """Return what was typed as the policy's values; None, errors beside the fields, if it cannot be."""
        hints = get_type_hints(kind_of(self.section))
        values: dict[str, object] = {}
        for name in settings_of(self.section):
            if name in self:
                values[name] = self._value(name, hints[name])
        return None if self.errors else values

    def _value(self, name: str, hint: Any) -> object:
        data = self[name].data
        if get_origin(hint) is tuple and get_args(hint)[0] is int:
            return self._numbers(name, data)
        if get_origin(hint) is tuple:
            return tuple(data or ())
        inner = get_args(hint)[0] if get_origin(hint) is UnionType else hint
        if isinstance(inner, type) and issubclass(inner, StrEnum):
            return inner(data) if data else None
        return data

    def _numbers(self, name: str, text: str | None) -> tuple[int, ...]:
        """Read "7, 3, 1", or nothing at all."""
        parts = [part.strip() for part in (text or "").replace(" and ", ",").split(",")]
        numbers = [part for part in parts if part]
        if not all(part.isascii() and part.isdigit() and 0 < int(part) < 100 for part in numbers):
            self.refuse("Write days as numbers with commas between them, for example 7, 3, 1", name)
            return ()
        return tuple(sorted({int(part) for part in numbers}, reverse=True))


@cache
def _form_class(section: str) -> type[SectionForm]:
    """Make the form of a section; every programme's has the same fields."""
    hints = get_type_hints(kind_of(section))
    fields: dict[str, Any] = {"section": section}
    for name, setting in settings_of(section).items():
        if name not in FIXED:
            fields[name] = _field(setting, hints[name])
    return type("SectionForm", (SectionForm,), fields)


def _field(setting: Setting, hint: Any) -> Any:
    """Return the control that asks for a value of this type."""
    if get_origin(hint) is UnionType:
        return _optional(setting, get_args(hint)[0])
    if get_origin(hint) is tuple:
        if get_args(hint)[0] is int:
            return TextField(setting.label, description=setting.hint, longest=40)
        return AnyOfField(setting.label, [Required("Choose at least one DASH level")], choices=LEVELS)
    if hint is bool:
        return BooleanField(setting.label)
    if hint is int:
        return WholeNumberField(setting.label, [Required()], description=setting.hint, most=1000)
    if hint is time:
        return ClockTimeField(setting.label, [Required()])
    return TextField(setting.label, [Required()], description=setting.hint, longest=40)


def _optional(setting: Setting, inner: Any) -> Any:
    if inner is int:
        hint = setting.hint or OFF_HINT
        return WholeNumberField(setting.label, description=hint, least=1, most=1000)
    pairs = [(one.value, choice_words(one).capitalize()) for one in inner]
    return DropDownField(setting.label, choices=pairs, empty="Off")


def section_form(section: str, policy: Policy) -> SectionForm:
    """Return the form of a section, filled with a policy's numbers until it is sent."""
    values = asdict(part_of(policy, section))
    shown = {
        name: ", ".join(str(one) for one in value) if _is_days(value) else value
        for name, value in values.items()
    }
    form = _form_class(GENERAL if section == GENERAL else "programme")(data=shown)
    form.section = section
    return form


def _is_days(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, int) for one in value)


class SaveForm(PageForm):
    """From when a version counts, and why it is made."""

    from_on = DayMonthYearField(
        "From when", [Required()], what="the day from which it counts", description="From tomorrow on."
    )
    note = LongTextField(
        "Why", [Required("Say why the policy changes")], description="Kept with the version.", longest=1000
    )


class ProgrammeForm(PageForm):
    """A programme to be added: what it is called, and which one it is like."""

    title = TextField(
        "Name", [Required()], description="As people say it, for example Young Fathers.", longest=60
    )
    code = TextField(
        "Short name in the data",
        [Required()],
        description="Small letters, figures and underscores, for example young_fathers. It never changes.",
        longest=30,
    )
    like = OneOfField(
        "Which programme is it like?",
        [Required()],
        description="It is delivered in the same form and starts with the same numbers.",
    )
