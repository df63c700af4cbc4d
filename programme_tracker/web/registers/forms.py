"""Forms of registers and corrections."""

import re
from uuid import uuid4

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.scheduling.models import Session
from programme_tracker.web.fields import (
    DropDownField,
    HiddenField,
    LongTextField,
    OneOfField,
    PageForm,
    Required,
    TextField,
)
from programme_tracker.web.registers.wording import REASONS, Choices, outcome_words

#: The id of one sheet of paper, made by the server or by a phone.
TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)


class RegisterForm(PageForm):
    """A register's hidden fields; the rows are read by ``marks``.

    ``token`` is one sheet of paper: sent twice it is one register.
    """

    token = HiddenField()

    @classmethod
    def blank(cls, session: Session) -> "RegisterForm":
        """Return a new sheet for a session."""
        return cls(about=str(session.id), seen_version=str(session.version), token=uuid4().hex)

    @property
    def has_token(self) -> bool:
        """Tell whether the sheet came back with the token it was given."""
        return bool(TOKEN.fullmatch(self.token.data or ""))


class DifferencesForm(RegisterForm):
    """Which of one's own marks should stand instead of those submitted meanwhile, and why."""

    why = TextField(
        "Why your marks are right",
        [Required("Say why your marks are right, for example “I stood at the door”")],
    )


class CorrectionForm(PageForm):
    """Another outcome for one person, and why. ``seen_version`` is the mark that was on the screen."""

    outcome = OneOfField("What should it say?", [Required()], ask="Choose what it should say.")
    reason = DropDownField("Reason offered", choices=REASONS, empty="None")
    evidence = TextField(
        "What was shown or seen",
        description="Needed for an acceptable absence, for example a hospital letter.",
    )
    note = LongTextField(
        "Note", description="Needed for left early and sent home.", render_kw={"rows": 2}, longest=2000
    )
    why = LongTextField(
        "Why the mark is wrong",
        [Required("Say why the mark is wrong, for example “wrong row tapped”")],
        render_kw={"rows": 2},
        longest=2000,
    )

    @classmethod
    def of(cls, mark: Mark, offered: Choices) -> "CorrectionForm":
        """Ask about a mark that stands."""
        form = cls(about=str(mark.id), seen_version=str(mark.id))
        form.outcome.set_choices(offered)
        return form

    @property
    def details(self) -> MarkDetails:
        """Return the mark as it should be, of a form that was complete."""
        return MarkDetails(
            Outcome(self.outcome.data),
            reason=self.reason.data or None,
            evidence=self.evidence.data or None,
            note=self.note.data or None,
        )

    def says_the_same(self, mark: Mark) -> bool:
        """Tell whether a mark says already what this form asks for."""
        said = (mark.outcome, mark.reason, mark.evidence, mark.note)
        details = self.details
        return said == (details.outcome.value, details.reason, details.evidence, details.note)

    def refuse_same(self, mark: Mark) -> None:
        """Say that nothing would change."""
        self.refuse(f"It says “{outcome_words(mark.outcome)}” already. Choose what it should say", "outcome")
