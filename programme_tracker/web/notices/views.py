"""What the inbox and a notice's page show."""

from dataclasses import dataclass
from datetime import datetime

from programme_tracker.accounts.queries import staff_by_id
from programme_tracker.escalation.models import Notice
from programme_tracker.escalation.queries import acknowledgeable, released_to, to_acknowledge
from programme_tracker.kernel.actor import Actor
from programme_tracker.web.notices.wording import (
    Fact,
    facts_of,
    is_grave,
    is_of_danger,
    recipient_words,
    title_of,
    why_of,
)

MOST = 100


@dataclass(frozen=True)
class InboxLine:
    """One notice in a list; ``done`` is the chip of what became of it."""

    notice_id: int
    title: str
    why: str
    released_at: datetime | None
    acknowledge_by: datetime | None
    done: str | None
    is_new: bool


@dataclass(frozen=True)
class Inbox:
    """A person's notices: those that wait for an answer, then the others, newest first."""

    waiting: list[InboxLine]
    others: list[InboxLine]


@dataclass(frozen=True)
class NoticePage:
    """One notice as its reader may see it."""

    notice: Notice
    title: str
    why: str
    facts: list[Fact]
    told: str
    acknowledged_by: str | None
    may_acknowledge: bool
    #: Whose notice this is, where a deputy answers for them.
    stands_in_for: str | None


def inbox_of(actor: Actor) -> Inbox:
    """Return a person's inbox: the gravest first, then the soonest due.

    At most 100 of those that need no answer any more.
    """
    waiting = sorted(to_acknowledge(actor), key=lambda one: (not is_of_danger(one), not is_grave(one)))
    ids = {notice.id for notice in waiting}
    others = [notice for notice in released_to(actor, MOST + len(waiting)) if notice.id not in ids]
    return Inbox([line_of(notice) for notice in waiting], [line_of(notice) for notice in others[:MOST]])


def line_of(notice: Notice) -> InboxLine:
    """Return a notice as a list shows it."""
    waits = notice.must_acknowledge and notice.acknowledged_at is None
    return InboxLine(
        notice_id=notice.id,
        title=title_of(notice),
        why=why_of(notice),
        released_at=notice.released_at,
        acknowledge_by=notice.acknowledge_by if waits else None,
        done="acknowledged" if notice.acknowledged_at else None,
        is_new=notice.opened_at is None,
    )


def notice_page(notice: Notice, actor: Actor, now: datetime) -> NoticePage:
    """Return everything the page of a notice shows."""
    waits = notice.must_acknowledge and notice.acknowledged_at is None
    reader = notice.acknowledged_by
    acknowledged_by = staff_by_id(reader) if reader is not None else None
    of_colleague = notice.staff is not None and notice.staff_id != actor.staff_id
    return NoticePage(
        notice=notice,
        title=title_of(notice),
        why=why_of(notice),
        facts=facts_of(notice, now),
        told=recipient_words(notice),
        acknowledged_by=acknowledged_by.name if acknowledged_by else None,
        may_acknowledge=waits and acknowledgeable(notice, actor),
        stands_in_for=notice.staff.name if notice.staff is not None and of_colleague else None,
    )
