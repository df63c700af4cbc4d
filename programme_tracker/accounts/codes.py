"""Sign-in codes: what an authenticator app shows, and recovery codes for when it is lost."""

import hmac
import secrets
from datetime import datetime, timedelta

import pyotp

#: RFC 6238's own step, which every authenticator app knows.
STEP_SECONDS = 30
DIGITS = 6

#: A clock that is one step off still signs in; more would give a guesser more codes at once.
STEPS_EITHER_WAY = 1

ISSUER = "Programme Tracker"
RECOVERY_CODES = 8

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 3, 4


def new_secret() -> str:
    """Return a random secret of 160 bits, in base32 as apps take it."""
    return pyotp.random_base32(32)


def code_at(secret: str, moment: datetime) -> str:
    """Return the code that an app shows at a moment."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).at(moment)


def matching_step(secret: str, code: str, *, now: datetime, last_step: int) -> int | None:
    """Return the step whose code this is, None when it is none that may be used.

    One step either way is forgiven. A step that was used, or one before it, never counts again,
    so a code that somebody looked over a shoulder is of no use. All steps are always compared.
    """
    present = int(now.timestamp()) // STEP_SECONDS
    found = None
    for away in range(-STEPS_EITHER_WAY, STEPS_EITHER_WAY + 1):
        expected = code_at(secret, now + timedelta(seconds=away * STEP_SECONDS))
        is_it = hmac.compare_digest(expected.encode(), code.encode())
        if is_it and present + away > last_step:
            found = present + away
    return found


def app_address(secret: str, username: str) -> str:
    """Return the ``otpauth:`` address that an app reads from the QR code."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=username, issuer_name=ISSUER
    )


def typed_code(text: str) -> str:
    """Return a code as it is compared: without spaces and dashes, in small letters."""
    return "".join(sign for sign in text.lower() if sign not in " -\u2013\u00a0")


def is_app_code(code: str) -> bool:
    """Tell whether a typed code looks like an app's; others are taken for recovery codes."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def new_recovery_codes() -> list[str]:
    """Return fresh recovery codes, in groups for reading, 59 bits each."""
    return [
        "-".join("".join(secrets.choice(_READABLE) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]
