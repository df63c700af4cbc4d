"""Looking people up by what was typed."""

from sqlalchemy import ColumnElement, Select, and_, exists, intersect, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from programme_tracker.people.finding.rules import LAST, Asked, Part, TermKind
from programme_tracker.people.models import SearchTerm

#: So many people at most are put in order. When more are found, those come first whose terms are
#: nearest to what was typed, and a longer part finds the others.
MOST_CANDIDATES = 2000


def has_terms_of(asked: Asked, participant_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Build the condition that one person is found by what was typed: for rows that are few already."""

    def has(part: Part) -> ColumnElement[bool]:
        return exists().where(SearchTerm.participant_id == participant_id, _matches(part))

    ways = [and_(*map(has, asked.parts))] if asked.parts else []
    return or_(*ways, *([has(asked.code)] if asked.code is not None else []))


def candidates(asked: Asked) -> Select[int]:
    """Select the ids of the people found, at most ``MOST_CANDIDATES``, the nearest terms first."""
    ways = [_nearest(asked.parts)] if asked.parts else []
    if asked.code is not None:
        ways.append(_nearest((asked.code,)))
    picked = [select(way.subquery().c.participant_id) for way in ways]
    return select(picked[0].union_all(*picked[1:]).subquery().c.participant_id)


def _nearest(parts: tuple[Part, ...]) -> Select[int]:
    """Select those who have every part; by a single one, the nearest terms first."""
    if len(parts) > 1:
        # Each part's people are read once and compared. Asked for in order of a term, PostgreSQL
        # would go through one part's people one by one and look each up among the others'.
        both = intersect(*(_having(part) for part in parts)).subquery()
        return select(both.c.participant_id).limit(MOST_CANDIDATES)
    return (
        select(SearchTerm.participant_id)
        .where(_matches(parts[0]))
        .order_by(SearchTerm.term, SearchTerm.participant_id)
        .limit(MOST_CANDIDATES)
    )


def _having(part: Part) -> Select[int]:
    return select(SearchTerm.participant_id).where(_matches(part)).correlate(None)


def _matches(part: Part) -> ColumnElement[bool]:
    ranges = or_(
        *(
            and_(SearchTerm.term >= beginning, SearchTerm.term < beginning + LAST)
            for beginning in part.beginnings
        )
    )
    return and_(ranges, SearchTerm.kind == TermKind.NAME.value) if part.at_start else ranges
