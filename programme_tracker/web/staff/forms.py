"""Accounts: adding one, and changing what it is for."""

from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.actor import Role
from programme_tracker.web.fields import OneOfField, PageForm, Required, TextField

#: What an account may be for, as one choice: one role, or the one pair that is allowed.
WORK: dict[str, tuple[str, Role, Role | None]] = {
    "facilitator": ("Facilitator", Role.FACILITATOR, None),
    "caseworker": ("Caseworker", Role.CASEWORKER, None),
    "facilitator_and_caseworker": ("Facilitator and caseworker", Role.FACILITATOR, Role.CASEWORKER),
    "victim_safety": ("Victim safety", Role.VICTIM_SAFETY, None),
    "police": ("Police", Role.POLICE, None),
    "enforcement": ("Enforcement co-ordinator", Role.ENFORCEMENT, None),
    "manager": ("Manager", Role.MANAGER, None),
    "admin": ("Administrator", Role.ADMIN, None),
}
CHOICES = [(key, label) for key, (label, _, _) in WORK.items()]


def work_of(staff: Staff) -> str:
    """Return the choice that an account's roles are."""
    return next((key for key, (_, *roles) in WORK.items() if staff.roles == {*roles} - {None}), "")


def work_words(staff: Staff) -> str:
    """Say what an account is for."""
    return WORK[work_of(staff)][0] if work_of(staff) else "unknown"


class WorkForm(PageForm):
    """What an account is for."""

    work = OneOfField(
        "What is the account for?", [Required("Choose what the account is for")], choices=CHOICES
    )

    @property
    def roles(self) -> tuple[Role, Role | None]:
        """Return the roles of a form that was complete."""
        _, role, also_role = WORK[self.work.data]
        return role, also_role


class NewAccountForm(WorkForm):
    """A new account."""

    name = TextField("Full name", [Required("Enter the full name")], longest=120)
    username = TextField(
        "Sign-in name",
        [Required("Enter a sign-in name")],
        description="Small letters, for example pat.officer.",
        longest=100,
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    email = TextField("Email", longest=200, render_kw={"inputmode": "email", "autocomplete": "off"})
