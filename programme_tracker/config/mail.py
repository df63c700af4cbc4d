"""The mail server that carries alerts to staff."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from programme_tracker.config.words import ConfigError, Setting, whole_number

MailSecurity = Literal["starttls", "tls", "none"]

#: The port that goes with each way of securing the connection.
_PORTS: dict[str, int] = {"starttls": 587, "tls": 465, "none": 25}

_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")

SETTINGS: tuple[Setting, ...] = (
    Setting("PT_SMTP_HOST", "none", "Mail server for alerts to staff; without one they go by text alone"),
    Setting("PT_SMTP_PORT", "`587`; `465` with `tls`", "Port of the mail server"),
    Setting("PT_SMTP_USERNAME", "none", "Account at the mail server"),
    Setting("PT_SMTP_PASSWORD", "none", "Its password", secret=True),
    Setting(
        "PT_SMTP_SECURITY",
        "`starttls`",
        "`starttls`, `tls`, or `none`, which only a mail server on this machine may have",
    ),
    Setting(
        "PT_MAIL_FROM", "required with a mail server", "Address that alerts come from and failures return to"
    ),
)


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """Where mail is handed over, as whom, and who it comes from."""

    host: str
    port: int
    security: MailSecurity
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)


def read_mail(environ: Mapping[str, str], *, demo: bool) -> MailSettings | None:
    """Read the mail server's settings; None where there is none. Raises ConfigError."""
    host = environ.get("PT_SMTP_HOST", "")
    if not host:
        _refuse_without_host(environ)
        return None
    if demo:
        raise ConfigError("PT_SMTP_HOST", "must not be set in demo mode: invented people are never mailed.")
    security = _security(environ, host)
    sender = environ.get("PT_MAIL_FROM", "")
    if not _ADDRESS.fullmatch(sender) or not sender.isascii():
        raise ConfigError("PT_MAIL_FROM", "must be an address such as tracker@example.org.")
    username, password = environ.get("PT_SMTP_USERNAME", ""), environ.get("PT_SMTP_PASSWORD", "")
    if bool(username) != bool(password):
        missing = "PT_SMTP_PASSWORD" if username else "PT_SMTP_USERNAME"
        raise ConfigError(missing, "is not set: an account has both a name and a password.")
    port = environ.get("PT_SMTP_PORT") or str(_PORTS[security])
    return MailSettings(
        host=host,
        port=whole_number("PT_SMTP_PORT", port, most=65535),
        security=security,
        sender=sender,
        username=username,
        password=password,
    )


def _refuse_without_host(environ: Mapping[str, str]) -> None:
    """Refuse half a configuration: whoever set the rest believes that mail goes out."""
    for setting in SETTINGS:
        if environ.get(setting.name):
            raise ConfigError(setting.name, "is set, but PT_SMTP_HOST is not: set both or neither.")


def _security(environ: Mapping[str, str], host: str) -> MailSecurity:
    value = environ.get("PT_SMTP_SECURITY") or "starttls"
    if value not in get_args(MailSecurity):
        raise ConfigError("PT_SMTP_SECURITY", "must be starttls, tls or none.")
    if value == "none" and not is_loopback(host):
        raise ConfigError("PT_SMTP_SECURITY", "may be none only for a mail server on this machine.")
    return cast(MailSecurity, value)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
