"""Forms for how somebody is alerted and where."""

# mypy: allow-subclassing-any, allow-untyped-calls
# WTForms is published without types.

from wtforms import PasswordField
from wtforms.validators import Length

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.rules import LONGEST_PASSWORD
from programme_tracker.alerts.rules import DIGEST_HOURS, Wishes
from programme_tracker.web.fields import (
    AnyOfField,
    DropDownField,
    PageForm,
    PhoneNumberField,
    Required,
    TextField,
)

NO_DIGEST = "never"


def _hour_words(hour: int) -> str:
    return f"At {(hour - 1) % 12 + 1}{'am' if hour < 12 else 'pm'} each working day"


class ChoicesForm(PageForm):
    """How one is alerted."""

    urgent = AnyOfField(
        "What cannot wait comes at once, at any hour, by",
        choices=[("email", "Email"), ("text", "Text message")],
    )
    digest = DropDownField(
        "Everything else comes by email, in one mail",
        [Required("Choose when the mail comes")],
        empty=None,
        choices=[
            (NO_DIGEST, "Never: I look at Today myself"),
            *((str(hour), _hour_words(hour)) for hour in DIGEST_HOURS),
        ],
    )

    @classmethod
    def showing(cls, wishes: Wishes) -> "ChoicesForm":
        """Make the form with somebody's present choices."""
        ways = (("email", wishes.urgent_by_email), ("text", wishes.urgent_by_text))
        hour = wishes.digest_hour
        return cls(urgent=[way for way, on in ways if on], digest=NO_DIGEST if hour is None else str(hour))

    @property
    def wishes(self) -> Wishes:
        """Return the choices of a form that was complete."""
        ways = self.urgent.data or []
        # No browser sends anything but one of the choices; whatever else comes asks for no mail.
        hour = self.digest.data or NO_DIGEST
        digest = None if hour == NO_DIGEST else int(hour)
        return Wishes("email" in ways, "text" in ways, digest)


class AddressesForm(PageForm):
    """Where somebody is alerted."""

    email = TextField("Email", longest=200, render_kw={"inputmode": "email", "autocomplete": "email"})
    mobile = PhoneNumberField("Mobile number")

    @classmethod
    def showing(cls, staff: Staff) -> "AddressesForm":
        """Make the form with somebody's present addresses."""
        return cls(email=staff.email, mobile=staff.mobile)


class OwnAddressesForm(AddressesForm):
    """One's own addresses: the password shows that it is oneself who moves them."""

    password = PasswordField(
        "Your password",
        [Required("Enter your password"), Length(max=LONGEST_PASSWORD, message="Enter your password")],
        render_kw={"autocomplete": "current-password"},
    )
