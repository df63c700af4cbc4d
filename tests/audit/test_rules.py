"""The hash chain shows whatever was done to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.audit.rules import GENESIS, ChainLink, first_fault, link_hash
from programme_tracker.kernel.working_time import LONDON

START = datetime(2026, 9, 1, 8, tzinfo=UTC)
details = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=3)
events = st.lists(st.tuples(st.text(), details), min_size=2, max_size=6)


def chain(written: Sequence[tuple[str, dict[str, object]]]) -> list[ChainLink]:
    """Build a whole chain of these events and details."""
    links: list[ChainLink] = []
    previous = GENESIS
    for sequence, (event, detail) in enumerate(written, start=1):
        at = START + timedelta(minutes=sequence)
        link = ChainLink(sequence, at, 7, "Kit", event, "Session", 3, None, detail, previous)
        links.append(replace(link, entry_hash=link_hash(link)))
        previous = links[-1].entry_hash
    return links


def head(links: Sequence[ChainLink]) -> tuple[int, str]:
    """Return the number and hash of the newest link."""
    return links[-1].sequence, links[-1].entry_hash


@given(events)
def test_whole_chain_has_no_fault(written: list[tuple[str, dict[str, object]]]) -> None:
    links = chain(written)
    assert first_fault(links, head(links)) is None
    assert first_fault([], (0, GENESIS)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": START - timedelta(microseconds=1)},
        {"actor_id": None},
        {"actor_name": "Fay"},
        {"event": "another"},
        {"subject_type": "Booking"},
        {"subject_id": 4},
        {"enrolment_id": 1},
        {"detail": {"outcome": "attended"}},
        {"entry_hash": GENESIS},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("index", [0, 1, 2])
def test_any_edit_shows(index: int, change: dict[str, object]) -> None:
    links = chain([("marked", {"outcome": "absent"})] * 3)
    edited = replace(links[index], **change)  # type: ignore[arg-type]  # fields by name
    fault = first_fault([*links[:index], edited, *links[index + 1 :]], head(links))
    assert fault == f"entry {index + 1} was changed after it was written"


@given(events, st.data())
def test_edit_that_is_hashed_anew_shows_in_the_next_entry_or_the_head(
    written: list[tuple[str, dict[str, object]]], data: st.DataObject
) -> None:
    links = chain(written)
    index = data.draw(st.integers(0, len(links) - 1))
    edited = replace(links[index], actor_name="somebody else")
    forged = replace(edited, entry_hash=link_hash(edited))
    assert first_fault([*links[:index], forged, *links[index + 1 :]], head(links))


@given(events, st.data())
def test_deletion_anywhere_shows(written: list[tuple[str, dict[str, object]]], data: st.DataObject) -> None:
    links = chain(written)
    index = data.draw(st.integers(0, len(links) - 1))
    assert first_fault([*links[:index], *links[index + 1 :]], head(links))


@given(events, st.data())
def test_cut_tail_shows_by_the_head(
    written: list[tuple[str, dict[str, object]]], data: st.DataObject
) -> None:
    links = chain(written)
    left = data.draw(st.integers(0, len(links) - 1))
    fault = first_fault(links[:left], head(links))
    assert fault == f"the trail ends at entry {left} but should end at entry {len(links)}"


@given(events, st.data())
def test_two_entries_that_changed_places_show(
    written: list[tuple[str, dict[str, object]]], data: st.DataObject
) -> None:
    links = chain(written)
    first, second = sorted(
        data.draw(st.lists(st.integers(0, len(links) - 1), min_size=2, max_size=2, unique=True))
    )
    swapped = list(links)
    swapped[first] = replace(links[second], sequence=first + 1)
    swapped[second] = replace(links[first], sequence=second + 1)
    assert first_fault(swapped, head(links))


def test_entry_added_beyond_the_head_shows() -> None:
    links = chain([("marked", {})] * 3)
    assert first_fault(links, head(links[:2])) == "the trail ends at entry 3 but should end at entry 2"


def test_hash_is_of_the_instant_whatever_its_zone() -> None:
    link = chain([("marked", {})])[0]
    assert link_hash(link) == link_hash(replace(link, at=link.at.astimezone(LONDON)))


def test_hash_of_text_that_is_no_text() -> None:
    assert len(link_hash(replace(chain([("marked", {})])[0], detail={"note": "\ud800"}))) == 64
