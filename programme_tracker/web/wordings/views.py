"""What the pages of wordings show: what counts now, versions and their differences, a preview."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise

from sqlalchemy import select

from programme_tracker.accounts.models import Staff
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.messaging.rules import MessageKind
from programme_tracker.messaging.templates import queries
from programme_tracker.messaging.templates.models import BannedWord, TemplateVersion
from programme_tracker.messaging.templates.rules import Place
from programme_tracker.messaging.templates.services import problems_with
from programme_tracker.messaging.texts import gsm7_segments, is_gsm7
from programme_tracker.programmes.queries import newest_version
from programme_tracker.web.wordings.forms import KIND_TITLES

#: The invented appointment that previews speak of, a London wall time.
_EXAMPLE = datetime(2026, 11, 26, 18, 30)  # noqa: DTZ001 - a wall time
_MOVED_FROM = datetime(2026, 11, 24, 14)  # noqa: DTZ001 - a wall time


@dataclass(frozen=True)
class WordingLine:
    """One wording in the list, and for whom it is."""

    place: Place
    who: str
    text: str
    version: int


@dataclass(frozen=True)
class Preview:
    """A wording as it would arrive: its length on the air, and why it must not go."""

    body: str
    characters: int
    segments: int
    problems: tuple[str, ...]


@dataclass(frozen=True)
class VersionLine:
    """One version: who made it, why, and what it changed, as (how, words) with how same, gone or new."""

    number: int
    text: str
    at: datetime
    by: str
    note: str
    changes: Sequence[tuple[str, str]]


def programme_titles() -> dict[str, str]:
    """Return the programmes' titles by code."""
    return {code: one.title for code, one in newest_version().programmes.items()}


def who_words(place: Place) -> str:
    """Say for whom a wording is: "Every programme, English"."""
    spoken = queries.language(place.language)
    return _who(place, programme_titles(), {place.language: spoken.title if spoken else place.language})


def _who(place: Place, programmes: Mapping[str, str], languages: Mapping[str, str]) -> str:
    programme = programmes.get(place.programme_code, place.programme_code) or "Every programme"
    name = f"{name_words(place.name)}: " if place.name else ""
    return f"{name}{programme}, {languages.get(place.language, place.language)}"


def name_words(name: str) -> str:
    """Return an answer's name as it is read: "will-ring" → "Will ring"."""
    return name.replace("-", " ").capitalize()


def kind_lists() -> list[tuple[MessageKind, str, list[WordingLine]]]:
    """Return the wordings that count now, kind by kind; everybody's in English first."""
    programmes = programme_titles()
    languages = {one.code: one.title for one in queries.languages()}
    order = list(languages)
    lists: dict[MessageKind, list[WordingLine]] = {kind: [] for kind in KIND_TITLES}
    present = queries.present_versions().items()
    for place, row in sorted(present, key=lambda one: _order(one[0], order)):
        lists[place.kind].append(WordingLine(place, _who(place, programmes, languages), row.text, row.number))
    return [(kind, KIND_TITLES[kind], lines) for kind, lines in lists.items()]


def _order(place: Place, languages: Sequence[str]) -> tuple[str, str, int]:
    return place.name, place.programme_code, languages.index(place.language)


def preview(place: Place, text: str) -> Preview:
    """Return how a wording would arrive, with invented times; what cannot be filled stands as typed."""
    spoken = queries.language(place.language) or queries.languages()[0]
    callback = current_settings().callback_number
    when, before = spoken.words.day_and_time(_EXAMPLE), spoken.words.day_and_time(_MOVED_FROM)
    problems = tuple(problems_with(place, text)) if text else ()
    body = text
    for name, value in (("when", when), ("callback", callback), ("moved_from", f"{spoken.words.on}{before}")):
        body = body.replace(f"{{{name}}}", value)
    return Preview(body, len(body), gsm7_segments(body), problems)


def odd_letters(text: str) -> list[str]:
    """Return the letters that are not in the short alphabet, each once."""
    return [letter for letter in dict.fromkeys(text) if not is_gsm7(letter)]


def version_lines(rows: Sequence[TemplateVersion]) -> list[VersionLine]:
    """Return versions newest first, each with what differs from the one before it."""
    names = _names(row.created_by for row in rows)
    before = [*(older.text for _, older in pairwise(rows)), ""][: len(rows)]
    return [
        VersionLine(
            row.number,
            row.text,
            row.created_at,
            names.get(row.created_by or 0, "Programme Tracker"),
            row.note,
            word_changes(old, row.text) if old and row.text else [("same", row.text or "Taken back")],
        )
        for row, old in zip(rows, before, strict=True)
    ]


def word_changes(before: str, after: str) -> list[tuple[str, str]]:
    """Return what differs between two texts, word by word: (same, gone or new; the words)."""
    old, new = before.split(), after.split()
    parts: list[tuple[str, str]] = []
    for tag, start, end, begin, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", " ".join(old[start:end])))
            continue
        parts += [("gone", " ".join(old[start:end]))] if end > start else []
        parts += [("new", " ".join(new[begin:stop]))] if stop > begin else []
    return parts


def word_lines() -> list[tuple[BannedWord, str]]:
    """Return the words that managers banned, each with who did."""
    rows = queries.added_banned_words()
    names = _names(row.added_by for row in rows)
    return [(row, names.get(row.added_by or 0, "Programme Tracker")) for row in rows]


def _names(ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {one for one in ids if one}
    found = select(Staff.id, Staff.name).where(Staff.id.in_(wanted))
    return {staff_id: name for staff_id, name in db.session.execute(found)}
