"""The links under the top bar: at most five, by role, the first is Today."""

from collections.abc import Iterable

from flask import request, url_for

from programme_tracker.kernel.actor import Role
from programme_tracker.web.access import may_open

MOST = 5

_PEOPLE = ("People", "people.search")
_REFERRALS = ("Referrals", "referrals.index")
_GROUPS = ("Groups", "groups.index")
#: Workshops and one-to-ones; its page leads to the groups.
_SESSIONS = ("Sessions", "sessions.listed")
_INBOX = ("Inbox", "notices.index")
_CASES = ("Cases", "cases.index")

#: Role → its links after Today.
_AFTER_TODAY: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.FACILITATOR: (("My sessions", "registers.mine"), _GROUPS),
    Role.CASEWORKER: (("My week", "week.show"), _PEOPLE, _REFERRALS, _SESSIONS),
    Role.VICTIM_SAFETY: (_INBOX, _CASES, ("Sign-offs", "gate.index"), ("Partners", "partners.index")),
    Role.POLICE: (_INBOX, _REFERRALS),
    Role.ENFORCEMENT: (_INBOX, _CASES, ("Monitoring", "monitoring.index")),
    Role.MANAGER: (("Overdue", "overdue.show"), _PEOPLE, _REFERRALS, _SESSIONS),
    Role.ADMIN: (("Accounts", "staff.index"),),
}

#: Role → its links as (label, endpoint). Links to pages that are not there are left out.
NAVIGATION: dict[Role, tuple[tuple[str, str], ...]] = {
    role: (("Today", "today.show"), *_AFTER_TODAY.get(role, ())) for role in Role
}


def links_for(roles: frozenset[Role]) -> list[tuple[str, str]]:
    """Return the links of somebody's roles, each once, in the order of the roles."""
    links: Iterable[tuple[str, str]] = (
        link for role in Role if role in roles for link in NAVIGATION.get(role, ())
    )
    return [link for link in dict.fromkeys(links) if may_open(link[1])][:MOST]


def nav_links(roles: frozenset[Role]) -> list[tuple[str, str, bool]]:
    """Return (label, address, whether it is the present page) for the page's frame."""
    return [(label, url_for(endpoint), endpoint == request.endpoint) for label, endpoint in links_for(roles)]
