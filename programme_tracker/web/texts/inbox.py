"""Replies that wait for a person: whose they are, and in which order they are read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from sqlalchemy import or_, select

from programme_tracker.accounts.models import Staff, StaffLeave
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import local_date
from programme_tracker.messaging.models import InboundMessage
from programme_tracker.messaging.numbers import display
from programme_tracker.people.models import Guardian, Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.workflows.visibility import may_see_enrolment, seen_people

MOST = 300
LONGEST_SHOWN = 120

NO_WORDS = "A picture without words. Pictures are not kept."


@dataclass(frozen=True)
class Waiting:
    """One conversation that waits: from whom, since when, and the last words."""

    title: str
    words: str
    since_at: datetime
    count: int
    url: str
    is_mine: bool
    is_known: bool


@dataclass(frozen=True)
class Inbox:
    """Conversations that wait, oldest first: one's own, the team's, and from numbers nobody here has."""

    mine: list[Waiting]
    team: list[Waiting]
    unknown: list[Waiting]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing waits for anybody."""
        return not (self.mine or self.team or self.unknown)


def said(text: InboundMessage) -> str:
    """Return what a text said, in a line."""
    line = " ".join(text.body.split())
    if not line:
        return NO_WORDS if text.media_count else "A text without words."
    return f"“{line}”" if len(line) <= LONGEST_SHOWN else f"“{line[: LONGEST_SHOWN - 1].rstrip()}…”"


def inbox_of(actor: Actor, now: datetime) -> Inbox:
    """Return every conversation that waits for a reader and that this person may see."""
    found = (
        select(InboundMessage)
        .where(
            InboundMessage.waiting_since_at.is_not(None),
            InboundMessage.is_quarantined.is_(False),
            or_(
                InboundMessage.participant_id.is_(None),
                InboundMessage.participant_id.in_(seen_people(actor)),
            ),
        )
        .order_by(InboundMessage.waiting_since_at, InboundMessage.id)
        .limit(MOST)
    )
    threads: dict[tuple[int | None, str], list[InboundMessage]] = {}
    for text in db.session.scalars(found):
        whose = (text.participant_id, "" if text.participant_id else text.from_address)
        threads.setdefault(whose, []).append(text)
    people = _Owners([text for texts in threads.values() for text in texts], actor, local_date(now))
    lines = [people.waiting(texts) for texts in threads.values()]
    return Inbox(
        mine=[line for line in lines if line.is_known and line.is_mine],
        team=[line for line in lines if line.is_known and not line.is_mine],
        unknown=[line for line in lines if not line.is_known],
    )


class _Owners:
    """Who wrote, and who leads them: looked up once for a whole list."""

    def __init__(self, texts: Sequence[InboundMessage], actor: Actor, today: date) -> None:
        ids = {text.participant_id for text in texts}
        numbers = {text.from_address for text in texts if text.participant_id is None}
        found = (
            select(Participant.id, Participant.name, Participant.mobile, Guardian.mobile)
            .outerjoin(Guardian, Guardian.participant_id == Participant.id)
            .where(
                Participant.id.in_(seen_people(actor)),
                or_(Participant.id.in_(ids), Participant.mobile.in_(numbers), Guardian.mobile.in_(numbers)),
            )
            .order_by(Participant.id)
        )
        rows = db.session.execute(found).all()
        self._names = {person_id: name for person_id, name, _, _ in rows}
        self._with_number: dict[str, list[int]] = {}
        for person_id, _, *mobiles in rows:
            for mobile in {one for one in mobiles if one}:
                self._with_number.setdefault(mobile, []).append(person_id)
        self._mine = _led_by(self._names, actor, today)

    def waiting(self, texts: list[InboundMessage]) -> Waiting:
        """Return one conversation as the list shows it."""
        last = texts[-1]
        people = (
            [last.participant_id] if last.participant_id else self._with_number.get(last.from_address, [])
        )
        names = " or ".join(self._names.get(one, "Somebody") for one in people)
        return Waiting(
            title=names or display(last.from_address),
            words=said(last),
            since_at=texts[0].waiting_since_at or texts[0].received_at,
            count=len(texts),
            url=thread_url(last),
            is_mine=any(one in self._mine for one in people),
            is_known=bool(people),
        )


def thread_url(text: InboundMessage) -> str:
    """Return where the conversation of a text is read."""
    if text.participant_id is not None:
        return url_for("texts.person", participant_id=text.participant_id)
    return url_for("texts.number", inbound_id=text.id)


def _led_by(participant_ids: Iterable[int], actor: Actor, today: date) -> frozenset[int]:
    """Return which of these people this person leads today: their own, an absent colleague's, nobody's."""
    away = (
        select(StaffLeave.staff_id)
        .join(Staff, Staff.id == StaffLeave.staff_id)
        .where(Staff.deputy_id == actor.staff_id, StaffLeave.from_on <= today, StaffLeave.to_on >= today)
    )
    found = select(Enrolment.participant_id).where(
        Enrolment.participant_id.in_(list(participant_ids)),
        Enrolment.ended_at.is_(None),
        or_(Enrolment.lead_id == actor.staff_id, Enrolment.lead_id.is_(None), Enrolment.lead_id.in_(away)),
        may_see_enrolment(actor),
    )
    return frozenset(db.session.scalars(found))
