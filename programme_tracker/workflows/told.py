"""What a person was last told of a session, read from the outbox: the truth a new text starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import NOT_YET_GONE, MessageKind, MessageState
from programme_tracker.scheduling.models import Session
from programme_tracker.scheduling.queries import moves_of

ANNOUNCEMENTS = (MessageKind.BOOKED, MessageKind.CHANGED, MessageKind.CANCELLED)

#: The text may be on the phone: where its fate is unknown it must be taken to have told them.
MAY_HAVE_ARRIVED = frozenset(
    {
        MessageState.SENDING,
        MessageState.UNKNOWN,
        MessageState.ACCEPTED,
        MessageState.SENT,
        MessageState.DELIVERED,
    }
)

#: The text came to nothing, and somebody may have rung about it instead.
CAME_TO_NOTHING = frozenset({MessageState.BLOCKED, MessageState.FAILED, MessageState.UNDELIVERED})


@dataclass(frozen=True)
class Told:
    """What one person knows of one session by our texts.

    ``starts_at`` is the start they were last told, or, where no text told them any, the one that
    stood when they were booked. ``is_sure`` is false once news since then came to nothing: they
    may have heard of it by telephone. ``awaits_booked`` says that their first text is still to go.
    """

    starts_at: datetime
    is_sure: bool = True
    by_text: Message | None = None
    awaits_booked: bool = False

    @property
    def announced_at(self) -> datetime | None:
        """When they were told, if that was an announcement and no reminder."""
        text = self.by_text
        return (text.handed_over_at or text.send_at) if text and text.kind in ANNOUNCEMENTS else None


def texts_about(session_id: int, enrolment_id: int) -> list[Message]:
    """Return the texts about one session to one person, oldest first."""
    found = select(Message).where(
        Message.session_id == session_id,
        Message.enrolment_id == enrolment_id,
        Message.kind.in_((*ANNOUNCEMENTS, MessageKind.REMINDER)),
    )
    return list(db.session.scalars(found.order_by(Message.id)))


def last_told(session: Session, texts: Sequence[Message], *, just_moved: bool = False) -> Told:
    """Return what one person was last told of a session by these texts of theirs, oldest first.

    Ask before they are planned anew; ``just_moved`` says that the session's last move is the cause.
    """
    arrived = [text for text in texts if text.state in MAY_HAVE_ARRIVED]
    telling = max(arrived, key=_newest, default=None)
    since = [text for text in texts if telling is None or _newest(text) > _newest(telling)]
    news = [text for text in since if text.kind in ANNOUNCEMENTS]
    return Told(
        # A text is of use until the start it tells of.
        starts_at=telling.expires_at if telling else _start_before(session, news, just_moved),
        is_sure=not any(text.state in CAME_TO_NOTHING for text in news),
        by_text=telling,
        awaits_booked=any(text.kind is MessageKind.BOOKED and text.state in NOT_YET_GONE for text in news),
    )


def _newest(text: Message) -> tuple[int, bool]:
    """Order texts by what they tell: a later version of the session, and an announcement last."""
    return (text.session_version or 0, text.kind in ANNOUNCEMENTS)


def _start_before(session: Session, news: Sequence[Message], just_moved: bool) -> datetime:
    """Return the start before the first move that they were to hear of; a session begins as version 1."""
    versions = [text.session_version or 1 for text in news if text.kind is MessageKind.CHANGED]
    if just_moved:
        versions.append(session.version)
    moves, first = moves_of(session.id), min(versions, default=1)
    return moves[first - 2].from_at if 2 <= first <= len(moves) + 1 else session.starts_at
