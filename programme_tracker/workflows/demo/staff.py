"""The invented staff of a demonstration, one or two of each role, with known passwords."""

from dataclasses import dataclass
from datetime import datetime

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import staff_by_username
from programme_tracker.accounts.services import add_staff, change_contact, set_deputy
from programme_tracker.alerts.rules import MUST_HEAR
from programme_tracker.kernel.actor import SYSTEM, Actor, Role

#: Everybody's password: a demonstration has nothing to hide.
PASSWORD = "paper lantern demo"  # noqa: S105 - known on purpose, in demo mode alone


@dataclass(frozen=True)
class DemoSignIn:
    """One invented account: who it is, what it is for, and its known password."""

    username: str
    name: str
    role: Role
    password: str
    what_for: str


def _person(username: str, name: str, role: Role, what_for: str) -> DemoSignIn:
    return DemoSignIn(username, name, role, PASSWORD, what_for)


SIGN_INS: tuple[DemoSignIn, ...] = (
    _person("officer", "Omar Officer", Role.POLICE, "Refers people to CARA and is told of breaches."),
    _person("safety", "Vera Safety", Role.VICTIM_SAFETY, "Signs off, gets every alert first, decides."),
    _person("safety2", "Vikram Safety", Role.VICTIM_SAFETY, "Vera’s deputy, with people of his own."),
    _person("caseworker", "Cora Caseworker", Role.CASEWORKER, "Takes referrals, books workshops, rings."),
    _person("facilitator", "Fay Facilitator", Role.FACILITATOR, "Takes the register. Try it on a phone."),
    _person("facilitator2", "Fergus Facilitator", Role.FACILITATOR, "Runs the same sessions beside Fay."),
    _person("enforcement", "Ella Enforcement", Role.ENFORCEMENT, "Is told of people who stop coming."),
    _person("manager", "Mina Manager", Role.MANAGER, "Sees what is overdue, signs holds and corrections."),
    _person("admin", "Adam Admin", Role.ADMIN, "Looks after accounts."),
)


def demo_sign_ins() -> list[DemoSignIn]:
    """Return the accounts that a demonstration offers, in the order of a case."""
    return list(SIGN_INS)


@dataclass(frozen=True)
class DemoTeam:
    """The invented staff as those who act."""

    officer: Actor
    safety: Actor
    safety2: Actor
    caseworker: Actor
    facilitator: Actor
    facilitator2: Actor
    enforcement: Actor
    manager: Actor
    admin: Actor

    @property
    def facilitator_ids(self) -> list[int]:
        """The two who run every session."""
        return [staff_id(self.facilitator), staff_id(self.facilitator2)]


def staff_id(actor: Actor) -> int:
    """Return the account of somebody who has one."""
    if actor.staff_id is None:
        raise ValueError("the system has no account")
    return actor.staff_id


def hire(now: datetime) -> DemoTeam:
    """Add the invented staff; the two victim-safety workers stand in for each other."""
    hired: dict[str, Staff] = {}
    for one in SIGN_INS:
        hired[one.username] = add_staff(
            username=one.username,
            name=one.name,
            role=one.role,
            password=one.password,
            must_change_password=False,
            actor=SYSTEM,
            now=now,
        )
    first, second = hired["safety"].id, hired["safety2"].id
    set_deputy(first, second, actor=SYSTEM, now=now)
    set_deputy(second, first, actor=SYSTEM, now=now)
    return DemoTeam(**{name: staff.actor for name, staff in hired.items()})


def give_addresses(now: datetime) -> None:
    """Give everybody addresses for alerts: from the demonstration's own day on, not for its past."""
    for number, one in enumerate(SIGN_INS):
        person = staff_by_username(one.username)
        if person is not None:
            change_contact(
                person.id,
                email=f"{one.username}@example.org",
                mobile=f"+4477009009{number:02}" if one.role in MUST_HEAR else None,
                actor=SYSTEM,
                now=now,
            )
