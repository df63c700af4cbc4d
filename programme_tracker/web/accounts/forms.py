"""Forms for signing in and for one's own account."""

from collections.abc import Sequence
from datetime import date

from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, Length

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD
from programme_tracker.web.fields import DayMonthYearField, PageForm, Required

NOBODY = "nobody"


class SignInForm(PageForm):
    """Name and password."""

    username = StringField(
        "Sign-in name",
        [Required("Enter your sign-in name"), Length(max=100, message="Enter your sign-in name")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Password",
        # Refused before it is hashed: hashing megabytes would be an easy way to tire the server.
        [Required("Enter your password"), Length(max=LONGEST_PASSWORD, message="Enter your password")],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class ChangePasswordForm(PageForm):
    """The present password, and the new one twice."""

    current = PasswordField(
        "Present password",
        [
            Required("Enter your present password"),
            Length(max=LONGEST_PASSWORD, message="That is not your present password. Enter it again"),
        ],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        "New password",
        [Required("Enter a new password")],
        description=f"At least {SHORTEST_PASSWORD} characters. Three unrelated words are easy to remember."
        " Passwords that many people use, your own name and this product's name are refused.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "New password again",
        [
            Required("Enter the new password again"),
            EqualTo("new", "The two new passwords differ. Enter both again"),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(PageForm):
    """A code of one's app, or a recovery code."""

    code = StringField(
        "Code",
        [Required("Enter the code"), Length(max=40, message="Enter the code")],
        description="Six digits from your authenticator app, or one of your recovery codes.",
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"},
    )
    next = HiddenField()


class AppCodeForm(CodeForm):
    """A code of one's app alone."""

    code = StringField(
        "Code from the app",
        [Required("Enter the six digits that your app shows"), Length(max=40, message="Enter six digits")],
        description="Six digits.",
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class DeputyForm(PageForm):
    """Who stands in."""

    deputy = SelectField(
        "Deputy", [Required()], description="Gets what is meant for you on the days you are away."
    )

    @classmethod
    def for_colleagues(cls, colleagues: Sequence[Staff], deputy_id: int | None) -> "DeputyForm":
        """Offer the colleagues who may stand in, and nobody; the present deputy is chosen."""
        form = cls(deputy=str(deputy_id or NOBODY))
        form.deputy.choices = [
            SelectChoice(value=NOBODY, label="Nobody: the whole team is told"),
            *(SelectChoice(value=str(staff.id), label=staff.name) for staff in colleagues),
        ]
        return form

    @property
    def deputy_id(self) -> int | None:
        """Return the chosen colleague, None for nobody."""
        return None if self.deputy.data == NOBODY else int(self.deputy.data)


class LeaveForm(PageForm):
    """Days away, both included."""

    from_on = DayMonthYearField(
        "First day away", [Required()], what="your first day away", example="3 8 2026"
    )
    to_on = DayMonthYearField("Last day away", [Required()], what="your last day away", example="14 8 2026")

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last day of a form that was complete."""
        assert self.from_on.data is not None and self.to_on.data is not None
        return self.from_on.data, self.to_on.data
