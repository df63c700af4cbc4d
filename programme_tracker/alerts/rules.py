"""How and when somebody is alerted, and in which words: pure functions (product.md §8)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time

from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.working_time import WorkingCalendar, at_local, local_date
from programme_tracker.messaging.rules import Channel

#: Roles whose notices ask for an acknowledgement, or that are told when one is missing: what is
#: urgent reaches them whatever they wish.
MUST_HEAR = frozenset({Role.VICTIM_SAFETY, Role.POLICE, Role.ENFORCEMENT, Role.MANAGER})

#: Hours at which a digest may come, London time.
DIGEST_HOURS = range(7, 19)

#: Whom a notice or task addressed to these means, where it is not simply the role of that name.
ROLE_OF = {"lead": Role.CASEWORKER, "referrer": Role.POLICE}


@dataclass(frozen=True)
class Wishes:
    """How somebody wants to be alerted; ``digest_hour`` None means no digest."""

    urgent_by_email: bool = True
    urgent_by_text: bool = True
    digest_hour: int | None = 9


@dataclass(frozen=True)
class Reach:
    """What somebody can be reached by, and what of it fails at present."""

    channels: frozenset[Channel]
    failing: frozenset[Channel] = frozenset()


def role_of(addressed_to: str) -> Role:
    """Return the role that answers for what is addressed to a whole role."""
    return ROLE_OF.get(addressed_to) or Role(addressed_to)


def urgent_channels(wishes: Wishes, reach: Reach, roles: Collection[Role]) -> list[Channel]:
    """Return how somebody is alerted at once.

    By what they wish. When nothing of that is there or works, by whatever else is there: always
    for those who must hear, and for the others unless they wished for neither.
    """
    asked = {Channel.EMAIL: wishes.urgent_by_email, Channel.SMS: wishes.urgent_by_text}
    wished = {channel for channel in reach.channels if asked[channel]}
    enough = bool(wished - reach.failing)
    must = bool(MUST_HEAR & set(roles)) or any(asked.values())
    chosen = wished if enough or not must else reach.channels
    return [channel for channel in (Channel.EMAIL, Channel.SMS) if channel in chosen]


def digest_channels(wishes: Wishes, reach: Reach) -> list[Channel]:
    """Return how somebody is told of what can wait: by email, unless they want no digest."""
    wanted = wishes.digest_hour is not None and Channel.EMAIL in reach.channels
    return [Channel.EMAIL] if wanted else []


def next_digest(now: datetime, hour: int, calendar: WorkingCalendar) -> datetime:
    """Return the next moment after ``now`` at which a working day's digest goes."""
    day = local_date(now)
    if calendar.is_working_day(day) and at_local(day, time(hour)) > now:
        return at_local(day, time(hour))
    return at_local(calendar.next_working_day(day), time(hour))


#: What somebody hears whose sign-in codes an administrator took away, and who may not have asked.
CODES_RESET = (
    "Your sign-in codes were reset.\nIf you did not ask for that, ring your manager at once.\nSign in: {link}"
)


def alert_words(notices: int, tasks: int, link: str, *, codes_reset: bool = False) -> str:
    """Return what an alert says: how many, and where to sign in. Never about whom or what.

    Only that one's own sign-in codes were reset is said openly: whoever did not ask must hear it.
    """
    counts = [_counted(notices, "notice"), _counted(tasks, "task")]
    told = " and ".join(count for count in counts if count)
    it = "it" if notices + tasks == 1 else "them"
    waiting = f"You have {told}.\nSign in to read {it}: {link}"
    if not codes_reset:
        return waiting
    return CODES_RESET.format(link=link) + (f"\nYou have {told}." if told else "")


def _counted(count: int, thing: str) -> str:
    return "" if not count else f"{count} new {thing}{'' if count == 1 else 's'}"


def alert_key(channel: Channel, staff_id: int, about: str) -> str:
    """Return the key that lets somebody be alerted of one thing by one channel once."""
    return f"alert:{channel}:{staff_id}:{about}"


def about_of(key: str) -> tuple[str, int]:
    """Return what an alert's key speaks of: ``notice`` or ``task`` and its id, or ``codes`` and a number."""
    kind, _, number = key.split(":", 3)[3].partition(":")
    return kind, int(number)
