"""Writing wordings: versions, languages, banned words."""

import re
from datetime import datetime
from typing import Any

from programme_tracker.audit.services import record
from programme_tracker.kernel.actor import SYSTEM, Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.kernel.transaction import locked, serialised, transaction
from programme_tracker.messaging.languages import DATE_STYLES
from programme_tracker.messaging.templates import queries
from programme_tracker.messaging.templates.models import BannedWord, TemplateVersion, TextLanguage
from programme_tracker.messaging.templates.rules import Place
from programme_tracker.messaging.texts import banned_words, plain_words
from programme_tracker.messaging.wording import first_templates, longest, template_problems

FIRST_NOTE = "Came with Programme Tracker"


def seed_templates(*, now: datetime) -> None:
    """Put in the wordings that come with the product, where a place has none yet."""
    with transaction():
        serialised("templates")
        for first in first_templates():
            place = Place(first.kind, "", first.language, first.name)
            if not queries.versions_of(place):
                _add_version(place, first.template.text, FIRST_NOTE, actor=SYSTEM, now=now)


def problems_with(place: Place, text: str) -> list[str]:
    """Say in sentences why a wording must not be used at its place; empty when it may."""
    spoken = queries.language(place.language)
    if spoken is None:
        return ["There is no such language. Add it first."]
    return template_problems(text, place.kind, spoken.words, queries.banned_now())


def save_template(
    place: Place, text: str, note: str, *, seen_number: int, actor: Actor, now: datetime
) -> TemplateVersion:
    """Make the next version of a template, which counts from now; texts planned before keep theirs.

    ``seen_number`` is the version the change was made from, 0 where there was none. Raises
    RefusedError beside ``text`` for a wording that may not go out.
    """
    with transaction():
        serialised("templates")
        problems = problems_with(place, text)
        if problems:
            raise RefusedError(Code.NOT_ALLOWED, " ".join(problems), field="text")
        newest = next(iter(queries.versions_of(place)), None)
        if (newest.number if newest else 0) != seen_number:
            raise RefusedError(
                Code.NOT_ALLOWED,
                "Somebody saved another version meanwhile. It is listed below: compare, then save again.",
            )
        if newest is not None and newest.text == text:
            raise RefusedError(Code.NOT_ALLOWED, "It says this already. Change it first.", field="text")
        return _add_version(place, text, note, actor=actor, now=now)


def take_back_template(place: Place, note: str, *, actor: Actor, now: datetime) -> TemplateVersion:
    """Let a template count no more, so that the next in the chain does; its versions stay.

    Raises RefusedError for the English one for every programme, on which the others fall back.
    """
    with transaction():
        serialised("templates")
        if place.is_needed:
            raise RefusedError(Code.NOT_ALLOWED, "This wording is needed: every other falls back on it.")
        newest = next(iter(queries.versions_of(place)), None)
        if newest is None or not newest.text:
            raise RefusedError(Code.NOT_ALLOWED, "This wording does not count any more.")
        return _add_version(place, "", note, actor=actor, now=now)


def _add_version(place: Place, text: str, note: str, *, actor: Actor, now: datetime) -> TemplateVersion:
    newest = next(iter(queries.versions_of(place)), None)
    row = TemplateVersion(
        kind=place.kind.value,
        name=place.name,
        programme_code=place.programme_code,
        language=place.language,
        number=newest.number + 1 if newest else 1,
        text=text,
        note=note,
        created_at=now,
        created_by=actor.staff_id,
    )
    db.session.add(row)
    db.session.flush()
    db.session.info.pop(queries.LOOKED_UP, None)
    about: dict[str, Any] = {"kind": row.kind, "programme_code": row.programme_code}
    record(
        "template.version_made", row, actor=actor, at=now, language=row.language, number=row.number, **about
    )
    return row


def add_language(title: str, dates: str, *, actor: Actor, now: datetime) -> TextLanguage:
    """Add a language or a variant of one. Raises RefusedError beside ``title`` if it is there."""
    title = " ".join(title.split())
    with transaction():
        serialised("templates")
        known = queries.languages()
        if title.casefold() in {one.title.casefold() for one in known}:
            raise RefusedError(Code.NOT_ALLOWED, "There is a language of this name.", field="title")
        if dates not in DATE_STYLES:
            raise RefusedError(Code.NOT_ALLOWED, "Choose how days are said.", field="dates")
        row = TextLanguage(
            code=_code_for(title, {one.code for one in known}),
            title=title,
            dates=dates,
            created_at=now,
            created_by=actor.staff_id,
        )
        db.session.add(row)
        db.session.flush()
        record("template.language_added", actor=actor, at=now, code=row.code)
        return row


def _code_for(title: str, taken: set[str]) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:24] or "language"
    free = (f"{stem}-{number}" if number > 1 else stem for number in range(1, len(taken) + 3))
    return next(code for code in free if code not in taken)


def add_banned_word(word: str, reason: str, *, actor: Actor, now: datetime) -> BannedWord:
    """Ban a word, or several together, from every text. Refused while a wording in use says it."""
    folded = " ".join(plain_words(word))
    with transaction():
        serialised("templates")
        if not folded:
            raise RefusedError(Code.NOT_ALLOWED, "Enter a word.", field="word")
        if folded in {" ".join(plain_words(known)) for known in queries.banned_now()}:
            raise RefusedError(Code.NOT_ALLOWED, "This word is banned already.", field="word")
        _refuse_word_in_use(word)
        row = BannedWord(
            word=" ".join(word.split()), folded=folded, reason=reason, added_at=now, added_by=actor.staff_id
        )
        db.session.add(row)
        db.session.flush()
        record("template.word_banned", row, actor=actor, at=now, word=row.word)
        return row


def _refuse_word_in_use(word: str) -> None:
    titles = {one.code: one for one in queries.languages()}
    for place, row in queries.present_versions().items():
        spoken = titles[place.language]
        if banned_words(row.text.format(**longest(spoken.words)), [word]):
            raise RefusedError(
                Code.NOT_ALLOWED,
                f"The {place.kind.value} wording in {spoken.title} says this. Change that first.",
                field="word",
            )


def remove_banned_word(word_id: int, because: str, *, actor: Actor, now: datetime) -> None:
    """Allow a word again that a manager had banned; those that come with the product stay banned."""
    with transaction():
        row = locked(BannedWord, word_id)
        if row.removed_at is None:
            row.removed_at, row.removed_by, row.removed_because = now, actor.staff_id, because
            record("template.word_allowed", row, actor=actor, at=now, word=row.word)
