"""Password hashes and one-time passwords."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Argon2id with 19 MiB, two passes, one lane: OWASP's first choice for a busy web process.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

#: Letters and digits that nobody confuses when a one-time password is read out.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"

#: Nobody's password; an unknown sign-in name is checked against it so that it takes as long.
_nobody: list[str] = []


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password, salt and parameters included."""
    return _hasher.hash(password)


def is_password(password_hash: str, password: str) -> bool:
    """Tell whether a password is the one that was hashed."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def waste_a_check(password: str) -> None:
    """Take as long as a real check, so that time does not tell which names exist."""
    if not _nobody:
        _nobody.append(hash_password(secrets.token_hex(16)))
    is_password(_nobody[0], password)


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def one_time_password() -> str:
    """Return a random password in four groups, easy to read out, 79 bits strong."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
