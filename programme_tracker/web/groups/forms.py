"""Forms of groups: making one, starting somebody in one, taking somebody off, changing who runs a night."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from programme_tracker.accounts.models import Staff
from programme_tracker.programmes.rules import ProgrammePolicy
from programme_tracker.web.fields import (
    AnyOfField,
    ClockTimeField,
    DayMonthYearField,
    DropDownField,
    OneOfField,
    PageForm,
    Required,
    TextField,
    WholeNumberField,
)
from programme_tracker.workflows.groups import GroupPlan

#: Which field shows what a workflow refuses, by the workflow's field.
BESIDE = {"starts": "on"}


class GroupForm(PageForm):
    """A group to be made."""

    programme = OneOfField("Programme", [Required()])
    name = TextField("Name", description="Empty means its day and programme, for example “Thursday RADAR”.")
    on = DayMonthYearField(
        "First date", [Required()], what="the date of the first session", example="26 11 2026"
    )
    starts = ClockTimeField(
        "Start time", [Required()], near=time(15), ask="Enter the start time, for example 18:30 or 6.30pm"
    )
    venue = TextField(
        "Venue",
        description="Never put into a text. A new name makes a new venue.",
        render_kw={"list": "venues", "autocomplete": "off"},
    )
    first = DropDownField("First facilitator", [Required()], coerce=str, ask="Choose who runs it")
    second = DropDownField("Second facilitator", coerce=str, empty="Nobody yet")
    cover = DropDownField(
        "Third person or cover",
        coerce=str,
        empty="Nobody",
        description="They may open every register. For one night alone, change that night instead.",
    )
    capacity = WholeNumberField("Places", least=1, most=60)

    def offer(self, programmes: Mapping[str, ProgrammePolicy], staff: Sequence[Staff]) -> None:
        """Offer these programmes and people, and say how many places each programme has."""
        self.programme.set_choices((code, rules.title) for code, rules in programmes.items())
        for chooser in (self.first, self.second, self.cover):
            chooser.set_choices((str(person.id), person.name) for person in staff)
        usual = ", ".join(f"{rules.title} {rules.capacity}" for rules in programmes.values())
        self.capacity.description = f"Empty means the programme’s own: {usual}."

    def fits(self) -> bool:
        """Refuse the same person twice."""
        chosen = [one.data for one in (self.first, self.second, self.cover) if one.data]
        if len(set(chosen)) < len(chosen):
            twice = "cover" if self.cover.data in (self.first.data, self.second.data) else "second"
            self.refuse("Choose somebody else: this person runs it already", twice)
        return not self.errors

    def plan(self, title: str) -> GroupPlan:
        """Return the group as it was asked for; ``title`` is its programme's."""
        day, at = self.on.data, self.starts.data
        assert day is not None and at is not None
        chosen = (self.first.data, self.second.data, self.cover.data)
        return GroupPlan(
            name=self.name.data or f"{day:%A} {title}",
            programme_code=self.programme.data,
            starts=datetime.combine(day, at),
            staff_ids=[int(one) for one in chosen if one],
            venue=self.venue.data or None,
            capacity=self.capacity.data,
        )

    def values(self) -> dict[str, Any]:
        """Return what was typed, to be carried through the page that shows the dates."""
        plain = ("programme", "name", "venue", "first", "second", "cover", "capacity")
        carried = {name: self[name].data for name in plain}
        carried["starts"] = f"{self.starts.data:%H:%M}"
        carried |= {f"on-{part.name}": part.value for part in self.on.parts}
        return {name: value for name, value in carried.items() if value not in (None, "")}


class StartForm(PageForm):
    """With which session somebody starts in a group."""

    first = DropDownField("First session", [Required()], empty=None, ask="Choose the first session")


class TakeOffForm(PageForm):
    """Why somebody is taken off a waiting list."""

    why = TextField(
        "Why", [Required("Say why, for example “cannot come on Thursdays”")], description="For the team."
    )


class CoverForm(PageForm):
    """Who runs one session."""

    staff = AnyOfField(
        "Who runs it",
        [Required("Choose at least one person who runs it")],
        ask="Choose from the people shown",
        coerce=int,
    )
