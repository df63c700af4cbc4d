"""Finding participants within one's rights: by part of a name, a reference or a number.

Partners are in none of these tables: their records have a room of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, exists, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.people.finding.queries import candidates, has_terms_of
from programme_tracker.people.finding.rules import Asked, asked_for
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.workflows.visibility import may_see_enrolment, may_see_referral

#: So many are shown at a time.
PER_PAGE = 50

#: Pages beyond this are not turned to: a longer part of the name finds the person sooner.
LAST_PAGE = 20


@dataclass(frozen=True)
class FoundPeople:
    """One page of what was found. ``referrals`` are of people not on a programme yet."""

    asked: Asked
    enrolments: Sequence[Enrolment] = ()
    referrals: Sequence[Referral] = ()
    page: int = 1
    has_more: bool = False
    #: With nothing typed: my own cases, before everybody else's.
    mine: Sequence[Enrolment] = field(default=())


def find_people(actor: Actor, text: str, page: int = 1) -> FoundPeople:
    """Return who is found by what was typed: my own first, then who is under way, then by name.

    With nothing typed everybody under way, my own apart. What this person may not see is not found
    and not counted.
    """
    page = min(max(page, 1), LAST_PAGE)
    asked = asked_for(text)
    if not text.strip():
        return _everybody(actor, asked, page)
    if asked.is_too_short:
        return FoundPeople(asked)
    found = _enrolments(actor).where(Enrolment.participant_id.in_(_people(actor, asked)))
    order = (_exactly(asked), _mine_first(actor), _ended_last(), _beginning_first(asked))
    rows = _page_of(found.order_by(*order, Participant.name_folded, Enrolment.id), page)
    return FoundPeople(
        asked,
        rows[:PER_PAGE],
        _referrals(actor, asked) if page == 1 else (),
        page,
        has_more=len(rows) > PER_PAGE and page < LAST_PAGE,
    )


def _everybody(actor: Actor, asked: Asked, page: int) -> FoundPeople:
    under_way = _enrolments(actor).where(Enrolment.ended_at.is_(None))
    by_name = (Participant.name_folded, Enrolment.id)
    others = and_(
        or_(Enrolment.lead_id.is_(None), Enrolment.lead_id != actor.staff_id),
        or_(Enrolment.worker_id.is_(None), Enrolment.worker_id != actor.staff_id),
    )
    rows = _page_of(under_way.where(others).order_by(*by_name), page)
    mine: Sequence[Enrolment] = ()
    if page == 1:
        own = under_way.where(Enrolment.id.in_(_of_mine(actor, Enrolment.id)))
        mine = db.session.scalars(own.order_by(*by_name).limit(PER_PAGE)).all()
    return FoundPeople(
        asked, rows[:PER_PAGE], (), page, has_more=len(rows) > PER_PAGE and page < LAST_PAGE, mine=mine
    )


def _enrolments(actor: Actor) -> Select[Enrolment]:
    return (
        select(Enrolment)
        .join(Enrolment.participant)
        .where(may_see_enrolment(actor))
        .options(
            joinedload(Enrolment.participant), joinedload(Enrolment.programme), joinedload(Enrolment.lead)
        )
    )


def _page_of(found: Select[Enrolment], page: int) -> Sequence[Enrolment]:
    """Return a page and one row more, which tells that another page follows."""
    return db.session.scalars(found.offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()


def _people(actor: Actor, asked: Asked) -> Select[Any]:
    """Select the people found; of those with many namesakes my own are among them for certain."""
    wanted = has_terms_of(asked, Enrolment.participant_id)
    mine = _of_mine(actor, Enrolment.participant_id, wanted).subquery()
    found = candidates(asked).union_all(select(mine.c.participant_id)).subquery()
    return select(found.c.participant_id)


def _of_mine(
    actor: Actor, column: InstrumentedAttribute[int], *conditions: ColumnElement[bool]
) -> CompoundSelect[int]:
    """Select a column of the enrolments that I lead or support.

    Two selects and no "or", for which SQLite would read every enrolment there is.
    """
    return union_all(
        select(column).where(Enrolment.lead_id == actor.staff_id, *conditions),
        select(column).where(Enrolment.worker_id == actor.staff_id, *conditions),
    )


def _referrals(actor: Actor, asked: Asked) -> Sequence[Referral]:
    """Return the referrals without an enrolment of the people found."""
    found = (
        select(Referral)
        .join(Referral.participant)
        .where(
            may_see_referral(actor),
            Referral.participant_id.in_(candidates(asked)),
            ~exists().where(Enrolment.referral_id == Referral.id),
        )
        .options(joinedload(Referral.participant), joinedload(Referral.programme))
        .order_by(_exactly(asked), Participant.name_folded, Referral.id)
        .limit(PER_PAGE)
    )
    return db.session.scalars(found).all()


def _is_mine(actor: Actor) -> ColumnElement[bool]:
    return or_(Enrolment.lead_id == actor.staff_id, Enrolment.worker_id == actor.staff_id)


def _mine_first(actor: Actor) -> ColumnElement[int]:
    return case((_is_mine(actor), 0), else_=1)


def _ended_last() -> ColumnElement[int]:
    return case((Enrolment.ended_at.is_(None), 0), else_=1)


def _exactly(asked: Asked) -> ColumnElement[int]:
    """Put the person first whose reference was typed."""
    return case((Participant.reference == asked.reference, 0), else_=1)


def _beginning_first(asked: Asked) -> ColumnElement[int]:
    """Put those first who have a name that begins as typed."""
    if not asked.words:
        return case((Participant.id.is_not(None), 0), else_=0)
    word, name = asked.words[0], Participant.name_folded
    begins = or_(name.startswith(word, autoescape=True), name.contains(f" {word}", autoescape=True))
    return case((begins, 0), else_=1)
