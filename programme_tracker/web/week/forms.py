"""What is asked about appointments: the outcome, the next one, another time, several weeks."""

from datetime import datetime, time
from typing import Any, ClassVar
from uuid import uuid4

from programme_tracker.attendance.rules import Outcome, mark_faults
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.scheduling.models import Session, SessionKind
from programme_tracker.scheduling.services import MoveReason
from programme_tracker.web.fields import (
    ClockTimeField,
    DayMonthYearField,
    DropDownField,
    HiddenField,
    LongTextField,
    OneOfField,
    PageForm,
    Required,
    TextField,
    WholeNumberField,
)
from programme_tracker.web.registers.wording import REASONS, Choices
from programme_tracker.web.week.one_person import ASKED_BY
from programme_tracker.workflows.one_to_ones import MOST_WEEKS

VENUE_HINT = "Never put into a text."
START_ASK = "Enter the start time, for example 10:00 or 2.30pm"


def _day(label: str = "Date", *validators: Any, what: str = "the date you meet") -> DayMonthYearField:
    return DayMonthYearField(label, list(validators), what=what, example="26 11 2026")


def _start(label: str = "Start time", *validators: Any) -> ClockTimeField:
    return ClockTimeField(label, list(validators), near=time(14), ask=START_ASK)


class Wanted:
    """Marks what is needed unless the next appointment is left for later; ``asks_for_next`` sees to it."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Ask for nothing here."""


class NextForm(PageForm):
    """Whether and when to meet next; ``token`` is one sheet, sent twice it is one register."""

    token = HiddenField()
    book_next = OneOfField(
        "Book the next appointment now?",
        [Required()],
        choices=[("yes", "Yes"), ("no", "Not now")],
        default="yes",
        ask="Choose whether to book the next appointment",
    )
    on = _day("Next date", Wanted())
    starts = _start("Next start time", Wanted())
    venue = TextField("Next venue", description=VENUE_HINT)

    @property
    def wants_next(self) -> bool:
        """Tell whether the next appointment is asked for."""
        return bool(self.book_next.data == "yes")

    @property
    def wall(self) -> datetime:
        """Return the naive London wall time of the next appointment, of a form that was complete."""
        assert self.on.data is not None and self.starts.data is not None
        return datetime.combine(self.on.data, self.starts.data)

    def asks_for_next(self) -> bool:
        """Tell whether what the next appointment needs is there; say beside each field what is not."""
        if self.wants_next:
            for field in (self.on, self.starts):
                if field.data is None and not field.errors:
                    self.refuse(field.ask, field.name)
        return not self.errors


class RecordForm(NextForm):
    """How an appointment went, and the next one."""

    outcome = OneOfField("How did it go?", [Required()], ask="Choose how it went")
    reason = DropDownField("Reason offered", choices=REASONS, empty="None")
    evidence = TextField(
        "What was shown or seen",
        description="Needed for an acceptable absence, for example a hospital letter.",
    )
    note = LongTextField("Note", description="Needed for left early and sent home.", render_kw={"rows": 2})

    @classmethod
    def of(cls, session: Session, offered: Choices, **given: Any) -> "RecordForm":
        """Return a new sheet for a session, with the next appointment as suggested."""
        form = cls(about=str(session.id), seen_version=str(session.version), token=uuid4().hex, **given)
        form.outcome.set_choices(offered)
        return form

    def is_marked(self, marker_id: int | None) -> bool:
        """Tell whether the outcome has what it needs; say beside each field what is missing."""
        if self.errors or not self.outcome.data:
            return False
        given = (self.reason.data or None, self.evidence.data or None, self.note.data or None)
        for field, message in mark_faults(Outcome(self.outcome.data), *given, marker_id).items():
            self.refuse(message, field)
        return not self.errors

    @property
    def details(self) -> MarkDetails:
        """Return the mark of a form that was complete."""
        return MarkDetails(
            Outcome(self.outcome.data),
            reason=self.reason.data or None,
            evidence=self.evidence.data or None,
            note=self.note.data or None,
        )


class RescheduleForm(PageForm):
    """Another time for an appointment: when, who asked and why."""

    on = _day("New date", Required(), what="the new date")
    starts = _start("New start time", Required())
    asked_by = OneOfField(
        "Who asked for another time?",
        [Required()],
        choices=list(ASKED_BY.items()),
        ask="Choose who asked for another time",
    )
    why = TextField(
        "Why",
        [Required("Say why, for example “works late that day”")],
        description="For the team. No text says why.",
    )

    @property
    def wall(self) -> datetime:
        """Return the naive London wall time of a form that was complete."""
        assert self.on.data is not None and self.starts.data is not None
        return datetime.combine(self.on.data, self.starts.data)

    @property
    def move_reason(self) -> MoveReason:
        """Return who asked and why."""
        return MoveReason(asked_by=self.asked_by.data, why=self.why.data)


class AppointmentForm(PageForm):
    """An appointment, or the same hour in several weeks; whoever books runs it."""

    kind = OneOfField(
        "What is it?",
        [Required()],
        choices=[(SessionKind.ONE_TO_ONE.value, "One-to-one"), (SessionKind.ASSESSMENT.value, "Assessment")],
        default=SessionKind.ONE_TO_ONE.value,
    )
    on = _day("Date", Required())
    starts = _start("Start time", Required())
    venue = TextField("Venue", description=VENUE_HINT)
    weeks = WholeNumberField(
        "How many weeks?",
        [Required()],
        least=1,
        most=MOST_WEEKS,
        default=1,
        ask=f"Enter a number of weeks from 1 to {MOST_WEEKS}",
        description="1 is this one alone. More repeat it weekly; bank holidays are skipped.",
    )

    @property
    def wall(self) -> datetime:
        """Return the naive London wall time of the first one, of a form that was complete."""
        assert self.on.data is not None and self.starts.data is not None
        return datetime.combine(self.on.data, self.starts.data)

    def values(self) -> dict[str, Any]:
        """Return what was typed, to be carried through the page that shows the dates."""
        return {
            "about": self.about.data,
            "kind": self.kind.data,
            "starts": f"{self.wall:%H:%M}",
            "on-day": self.wall.day,
            "on-month": self.wall.month,
            "on-year": self.wall.year,
            "venue": self.venue.data or "",
            "weeks": self.weeks.data,
        }
