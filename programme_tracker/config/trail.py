"""Where the audit trail's head is kept outside the database."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from programme_tracker.config.words import ConfigError, Setting

NAME = "PT_AUDIT_ANCHOR"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        NAME,
        "off",
        "File that the audit trail's head is appended to, best on another machine's disk, or an https "
        "address it is posted to; `audit verify` then sees a cut tail",
    ),
)

_OWN_MACHINE = {"127.0.0.1", "::1", "localhost"}


def read_anchor(environ: Mapping[str, str]) -> str:
    """Return the address or absolute path of the anchor, empty for none. Raises ConfigError."""
    value = environ.get(NAME, "")
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme == "https" and parts.hostname:
        return value
    if parts.scheme == "http" and parts.hostname in _OWN_MACHINE:
        return value
    if "://" in value:
        raise ConfigError(NAME, "must be a file's path or an address that begins with https://.")
    return str(Path(value).absolute())
