"""Reading wordings: which counts, which came before, which words are banned."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import is_writing
from programme_tracker.messaging.languages import DATE_STYLES, ENGLISH, FIRST_LANGUAGES, DateWords
from programme_tracker.messaging.rules import MessageKind
from programme_tracker.messaging.templates.models import BannedWord, TemplateVersion, TextLanguage
from programme_tracker.messaging.templates.rules import Place, best, chain
from programme_tracker.messaging.texts import BANNED_WORDS
from programme_tracker.messaging.wording import Template, first_templates

#: Where a transaction keeps the templates it has looked up.
LOOKED_UP = "templates_looked_up"


@dataclass(frozen=True)
class Language:
    """A language that texts may be in: its code, what it is called, how its days are said."""

    code: str
    title: str
    words: DateWords


@dataclass(frozen=True)
class Chosen:
    """The template that counts for somebody: its row (None for a file's), text and date words."""

    template: Template
    words: DateWords
    row_id: int | None
    place: Place


def languages() -> list[Language]:
    """Return every language: those of the product first, then those added, by title."""
    first = [Language(code, title, DATE_STYLES[dates]) for code, (title, dates) in FIRST_LANGUAGES.items()]
    rows = db.session.scalars(select(TextLanguage).order_by(TextLanguage.title))
    return first + [Language(row.code, row.title, DATE_STYLES[row.dates]) for row in rows]


def language(code: str) -> Language | None:
    """Return one language by its code."""
    return next((one for one in languages() if one.code == code), None)


def place_of(row: TemplateVersion) -> Place:
    """Return where a version stands."""
    return Place(MessageKind(row.kind), row.programme_code, row.language, row.name)


def present_versions(kinds: Collection[MessageKind] = ()) -> dict[Place, TemplateVersion]:
    """Return the newest version of every place, without those taken back; of ``kinds`` if given."""
    found = select(TemplateVersion).order_by(TemplateVersion.number)
    if kinds:
        found = found.where(TemplateVersion.kind.in_([kind.value for kind in kinds]))
    newest = {place_of(row): row for row in db.session.scalars(found)}
    return {place: row for place, row in newest.items() if row.text}


def versions_of(place: Place) -> list[TemplateVersion]:
    """Return every version of one place, newest first."""
    found = select(TemplateVersion).where(
        TemplateVersion.kind == place.kind.value,
        TemplateVersion.name == place.name,
        TemplateVersion.programme_code == place.programme_code,
        TemplateVersion.language == place.language,
    )
    return list(db.session.scalars(found.order_by(TemplateVersion.number.desc())))


def template_for(place: Place) -> Chosen:
    """Return the template that counts for a kind, programme and language.

    Looked for as ``chain`` says, then among the wordings that come with the product; inside a
    transaction once, until it adds a version. Raises LookupError for an answer that is nowhere.
    """
    if not is_writing():
        return _look_up(place)
    known: dict[Place, Chosen] = db.session.info.setdefault(LOOKED_UP, {})
    if place not in known:
        known[place] = _look_up(place)
    return known[place]


def _look_up(place: Place) -> Chosen:
    found = select(TemplateVersion).where(
        TemplateVersion.kind == place.kind.value,
        TemplateVersion.name == place.name,
        TemplateVersion.programme_code.in_({one.programme_code for one in chain(place)}),
        TemplateVersion.language.in_({one.language for one in chain(place)}),
    )
    newest = {place_of(row): row for row in db.session.scalars(found.order_by(TemplateVersion.number))}
    chosen = best(place, {where: row for where, row in newest.items() if row.text})
    if chosen is not None:
        where, row = chosen
        return Chosen(Template(row.text, row.number), _words(where.language), row.id, where)
    files = {Place(one.kind, "", one.language, one.name): one.template for one in first_templates()}
    file = best(place, files)
    if file is None:
        raise LookupError(f"there is no wording for {place}")
    return Chosen(file[1], _words(file[0].language), None, file[0])


def _words(code: str) -> DateWords:
    if code in FIRST_LANGUAGES:
        return DATE_STYLES[FIRST_LANGUAGES[code][1]]
    row = db.session.get(TextLanguage, code)
    return DATE_STYLES[row.dates] if row else ENGLISH


def added_banned_words() -> list[BannedWord]:
    """Return the words that managers added and nobody removed, by word."""
    found = select(BannedWord).where(BannedWord.removed_at.is_(None))
    return list(db.session.scalars(found.order_by(BannedWord.folded)))


def banned_now() -> list[str]:
    """Return every word that no text may say: those of the product, then those added."""
    return [*BANNED_WORDS, *(row.word for row in added_banned_words())]


def answer_texts(programme_code: str, code: str, callback: str) -> list[str]:
    """Return the neutral answers for somebody's programme and language, filled in, by name."""
    names = {one.name for one in first_templates() if one.kind is MessageKind.ANSWER}
    names |= {place.name for place in present_versions([MessageKind.ANSWER])}
    chosen = (template_for(Place(MessageKind.ANSWER, programme_code, code, name)) for name in sorted(names))
    return [one.template.text.format(callback=callback) for one in chosen]
