"""Keeping what participants can be found by, in the transaction that changes it."""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.people.finding.rules import (
    Term,
    TermKind,
    caution_terms,
    mobile_terms,
    name_terms,
    reference_terms,
)
from programme_tracker.people.models import Participant, SearchTerm


def find_by_all(person: Participant) -> None:
    """Let a new participant be found by name, reference and number."""
    terms = name_terms(person.name) | reference_terms(person.reference) | mobile_terms(person.mobile)
    _add(person.id, terms)


def find_by_mobile(person: Participant) -> None:
    """Let a participant be found by the number they have now, and no other."""
    with transaction():
        db.session.execute(
            delete(SearchTerm).where(
                SearchTerm.participant_id == person.id, SearchTerm.kind == TermKind.MOBILE.value
            )
        )
        _add(person.id, mobile_terms(person.mobile))


def find_by_caution(participant_id: int, reference: str | None) -> None:
    """Let a participant be found by the reference on a caution too; they may have had others before."""
    terms = caution_terms(reference)
    if not terms:
        return
    with transaction():
        known = select(SearchTerm.term).where(
            SearchTerm.participant_id == participant_id, SearchTerm.kind == TermKind.CAUTION.value
        )
        there = set(db.session.scalars(known))
        _add(participant_id, {term for term in terms if term[0] not in there})


def lose(participant_id: int) -> None:
    """Let a participant be found by nothing any more, before their row goes."""
    with transaction():
        db.session.execute(delete(SearchTerm).where(SearchTerm.participant_id == participant_id))


def _add(participant_id: int, terms: Iterable[Term]) -> None:
    rows = [
        {"term": term, "participant_id": participant_id, "kind": kind.value} for term, kind in sorted(terms)
    ]
    if rows:
        with transaction():
            db.session.execute(insert(SearchTerm), rows)
