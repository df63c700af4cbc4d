"""What came about while the clock was moved, in a few sentences."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import Notice, NoticeKind
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageState
from programme_tracker.tasks.models import Task
from programme_tracker.web.notices.wording import ROLES, kind_title
from programme_tracker.web.presentation import counted, words
from programme_tracker.web.tasks.wording import title_of


def happened_between(after: datetime, until: datetime) -> list[str]:
    """Return a sentence for each kind of thing that came about after one instant, up to another."""
    return [
        *_texts(after, until),
        *_flags(after, until),
        *_notices(after, until),
        *_tasks(after, until),
    ]


def _texts(after: datetime, until: datetime) -> list[str]:
    sent = _count(Message.handed_over_at > after, Message.handed_over_at <= until)
    held = _count(
        Message.state.in_((MessageState.BLOCKED, MessageState.EXPIRED)),
        Message.send_at > after,
        Message.send_at <= until,
    )
    said = [f"{counted(sent, 'text')} {_was(sent)} sent." if sent else ""]
    said.append(f"{counted(held, 'text')} {_was(held)} held back." if held else "")
    return [sentence.capitalize() for sentence in said if sentence]


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(Message.id)).where(*conditions)) or 0


def _flags(after: datetime, until: datetime) -> list[str]:
    found = (
        select(Flag.level, func.count())
        .where(Flag.raised_at > after, Flag.raised_at <= until)
        .group_by(Flag.level)
        .order_by(Flag.level.desc())
    )
    rows = db.session.execute(found)
    return [f"{counted(count, f'{level} flag')} {_was(count)} raised.".capitalize() for level, count in rows]


def _notices(after: datetime, until: datetime) -> list[str]:
    found = (
        select(Notice.to_role, Notice.kind, func.count())
        .where(Notice.released_at > after, Notice.released_at <= until)
        .group_by(Notice.to_role, Notice.kind)
        .order_by(func.min(Notice.released_at), Notice.to_role)
    )
    return [_notice(role, kind, count) for role, kind, count in db.session.execute(found)]


def _notice(role: str, kind: str, count: int) -> str:
    who = ROLES.get(role, words(role).lower())
    were = "were" if role == "police" else "was"
    times = {1: "", 2: " twice"}.get(count, f" {count} times")
    start = f"{who[:1].upper()}{who[1:]} {were}"
    if kind == NoticeKind.CHASE:
        return f"{start} chased{times}: a notice was not acknowledged in time."
    return f"{start} told{times}: {kind_title(kind).lower()}."


def _tasks(after: datetime, until: datetime) -> list[str]:
    found = (
        select(Task.kind, func.count())
        .where(Task.created_at > after, Task.created_at <= until)
        .group_by(Task.kind)
        .order_by(Task.kind)
    )
    return [
        f"{counted(count, 'task')} {_was(count)} made: {title_of(kind)}.".capitalize()
        for kind, count in db.session.execute(found)
    ]


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
