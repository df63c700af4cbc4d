"""Where a person may be sent after signing in: pure functions over addresses."""

import re
from urllib.parse import urlsplit

#: One slash, then neither slash nor backslash; printable characters only, no backslash anywhere.
#: Browsers drop tabs and line ends inside an address and read a backslash as a slash.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")

LONGEST = 500


def safe_next(target: str | None) -> str | None:
    """Return ``target`` when it is a path on this server, None when it could lead elsewhere.

    Looking at the host name alone lets ``https:///evil.com`` and ``////evil.com`` pass.
    """
    if not target or len(target) > LONGEST or not _OWN_PATH.fullmatch(target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target
