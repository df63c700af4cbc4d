"""What accounts must satisfy: pure functions over roles, names and failed attempts."""

import re
from datetime import date, timedelta

from programme_tracker.kernel.actor import Role

#: The one pair of roles that one account may hold together (product.md §1).
ALLOWED_PAIR = frozenset({Role.FACILITATOR, Role.CASEWORKER})

#: Wrong passwords that are only a slip; from the next one on the account waits.
FREE_ATTEMPTS = 4
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)

#: Refused sign-ins that one network address has free: a whole office may stand behind it.
FREE_ATTEMPTS_OF_ADDRESS = 20
ADDRESS_FORGOTTEN_AFTER = timedelta(days=1)

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256

_EMAIL = re.compile(r"[^@\s<>,;:\"()\\]+@[^@\s<>,;:\"()\\]+\.[^@\s<>,;:\"()\\.]+")

#: Words that begin too many guessed passwords.
OBVIOUS = ("password", "qwerty", "letmein", "welcome", "123456", "abcdef", "programme", "tracker")


def is_email(address: str) -> bool:
    """Tell whether this can be an address for mail."""
    return address.isascii() and len(address) <= 200 and _EMAIL.fullmatch(address) is not None


def normal_username(username: str) -> str:
    """Return a sign-in name as it is stored and compared: trimmed, in lower case."""
    return username.strip().lower()


def may_hold(role: Role, also_role: Role | None) -> bool:
    """Tell whether one account may hold these roles (product.md §1).

    One role, or facilitator and caseworker together: nobody works both sides of one case.
    """
    return also_role is None or frozenset({role, also_role}) == ALLOWED_PAIR


def wait_after(failed_attempts: int) -> timedelta:
    """Return how long an account refuses sign-in after so many wrong passwords or codes in a row.

    Nothing for the first four, then 30 seconds, doubling each time up to an hour.
    """
    return _doubling(failed_attempts - FREE_ATTEMPTS)


def wait_of_address(failed_attempts: int) -> timedelta:
    """Return how long a network address is refused after so many refused sign-ins.

    Nothing for the first twenty, then 30 seconds, doubling each time up to an hour. Signing in
    does not clear the count, or one good account would pay for guessing the others.
    """
    return _doubling(failed_attempts - FREE_ATTEMPTS_OF_ADDRESS)


def _doubling(beyond: int) -> timedelta:
    if beyond <= 0:
        return timedelta(0)
    # The exponent is bounded so that a long attack cannot overflow it.
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(beyond - 1, 12)))


def password_fault(password: str, username: str) -> str | None:
    """Say what is wrong with a new password, or None when it will do.

    Length counts, composition does not (NIST SP 800-63B §3.1.1).
    """
    plain = password.lower()
    if len(password) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters. Three unrelated words are easy to remember."
    if len(password) > LONGEST_PASSWORD:
        return f"Use at most {LONGEST_PASSWORD} characters."
    if username and username in plain:
        return "Leave your sign-in name out of the password."
    if len(set(plain)) < 5 or plain.startswith(OBVIOUS):
        return "That is easily guessed. Three unrelated words are better."
    return None


def leave_covers(from_on: date, to_on: date, day: date) -> bool:
    """Tell whether a leave covers a local date; both its ends belong to it."""
    return from_on <= day <= to_on
