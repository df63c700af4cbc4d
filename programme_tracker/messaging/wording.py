"""What our texts say: discreet, in one segment, in the same few shapes.

Whoever picks up the phone learns a day, a time and a number that answers neutrally, and nothing
else (product.md §5). The wordings that come with the product lie in
``templates/messages/<kind>/``: a line "version N", then the text; a manager's are rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path
from string import Formatter

from programme_tracker.kernel.assets import templates_path
from programme_tracker.messaging.languages import (
    DATE_STYLES,
    ENGLISH,
    FIRST_LANGUAGES,
    DateWords,
    FigureWords,
)
from programme_tracker.messaging.rules import MessageKind
from programme_tracker.messaging.texts import BANNED_WORDS, is_gsm7, problems_of

#: The kinds that speak of a session and so have a template.
SESSION_KINDS = (MessageKind.BOOKED, MessageKind.REMINDER, MessageKind.CHANGED, MessageKind.CANCELLED)

#: The number to ring at its longest, to see that a template always fits one segment.
LONGEST_CALLBACK = "+44 1632 960001"

#: A wall time that is said at the greatest length.
_LONG_TIME = datetime(2026, 9, 30, 12, 30)  # noqa: DTZ001 - a wall time


#: How the product's own languages say a date.
DATE_WORDS = {code: DATE_STYLES[style] for code, (_, style) in FIRST_LANGUAGES.items()}


class WordingError(Exception):
    """A text may not go to a participant; says why in a sentence or two."""


@dataclass(frozen=True)
class Template:
    """One kind's text with its placeholders, and the number of this version of it."""

    text: str
    version: int


@dataclass(frozen=True)
class Wording:
    """A text ready to go, the version of the template it was made from, and its row if it is one."""

    body: str
    template_version: int
    template_id: int | None = None


@cache
def default_templates() -> Mapping[MessageKind, Template]:
    """Return the templates that come with the product. Raises WordingError if one may not be used."""
    folder = templates_path() / "messages"
    return {kind: read_template(folder / kind / "default.txt", kind) for kind in SESSION_KINDS}


@dataclass(frozen=True)
class FirstTemplate:
    """A wording that comes with the product: ``name`` tells answers apart, and is empty for other kinds."""

    kind: MessageKind
    name: str
    language: str
    template: Template


@cache
def first_templates() -> tuple[FirstTemplate, ...]:
    """Return every wording that comes with the product. Raises WordingError if one may not be used.

    ``<kind>/default.txt`` is the English one of a kind, ``<kind>/cy.txt`` the Welsh one;
    ``answer/<name>.txt`` and ``answer/<name>.cy.txt`` are the answers.
    """
    found = []
    for kind in (*SESSION_KINDS, MessageKind.ANSWER):
        for path in sorted((templates_path() / "messages" / kind).glob("*.txt")):
            name, _, suffix = path.stem.partition(".")
            if kind is not MessageKind.ANSWER:
                name, suffix = "", "" if name == "default" else name
            language = suffix or "en"
            words = DATE_WORDS[language]
            found.append(FirstTemplate(kind, name, language, read_template(path, kind, words)))
    return tuple(found)


def read_template(path: Path, kind: MessageKind | None = None, words: DateWords = ENGLISH) -> Template:
    """Read one template and check it. Raises WordingError that names the file."""
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    word, _, number = first.partition(" ")
    if word != "version" or not number.isdecimal():
        raise WordingError(f"{path} must begin with a line like “version 1”.")
    text = rest.strip()
    problems = template_problems(text, kind, words)
    if problems:
        raise WordingError(f"{path} cannot be used. {' '.join(problems)}")
    return Template(text, int(number))


def check_template(text: str) -> None:
    """Raise WordingError if a template is longer than one text, tells too much or cannot be filled."""
    problems = template_problems(text)
    if problems:
        raise WordingError(" ".join(problems))


def placeholders(kind: MessageKind | None) -> tuple[str, ...]:
    """Return what a template of a kind may leave to be filled in; every one where no kind is given."""
    if kind is MessageKind.ANSWER:
        return ("callback",)
    return ("when", "callback", "moved_from") if kind in (None, MessageKind.CHANGED) else ("when", "callback")


def template_problems(
    text: str,
    kind: MessageKind | None = None,
    words: DateWords = ENGLISH,
    banned: Iterable[str] = BANNED_WORDS,
) -> list[str]:
    """Say in sentences why a template must not be used; empty when it may (product.md §5)."""
    try:
        fields = [field for field in Formatter().parse(text) if field[1] is not None]
    except ValueError:
        return ["A placeholder is not closed: write {callback}, with both brackets."]
    allowed = placeholders(kind)
    for _, name, form, conversion in fields:
        if name not in allowed or form or conversion:
            listed = ", ".join(f"{{{one}}}" for one in allowed)
            return [f"There is no placeholder {{{name}}} here. These can be used: {listed}."]
    problems = problems_of(text.format(**longest(words)), banned)
    if kind in SESSION_KINDS and "when" not in {name for _, name, _, _ in fields}:
        problems.insert(0, "It must say when: put {when} where the day and time belong.")
    return problems


def longest(words: DateWords) -> dict[str, str]:
    """Return every placeholder at its longest, to see that a template always fits one text."""
    when = words.day_and_time(_LONG_TIME)
    if not isinstance(words, FigureWords):
        day, month = max(words.days, key=len), max(words.months, key=len)
        when = f"{day} 30 {month} {max(words.clock(_LONG_TIME.time()), words.noon, words.midnight, key=len)}"
    return {"when": when, "callback": LONGEST_CALLBACK, "moved_from": f"{words.on}{when}"}


def clock_words(moment: time) -> str:
    """Say a time of day as people text it: "6.30pm", "10am", "12 noon"."""
    return ENGLISH.clock(moment)


def day_and_time(local: datetime, words: DateWords = ENGLISH) -> str:
    """Say a London wall time as people text it: "Thu 26 Nov 6.30pm"."""
    return words.day_and_time(local)


def render(
    kind: MessageKind,
    *,
    starts_local: datetime,
    callback: str,
    first_name: str | None = None,
    moved_from: datetime | None = None,
    templates: Mapping[MessageKind, Template] | None = None,
    words: DateWords = ENGLISH,
) -> Wording:
    """Write the text of one kind about a session that starts at a London wall time.

    ``moved_from`` is the wall time it had before, for ``changed``; ``words`` say days and times.
    A first name is left out when it would tell too much, fall outside GSM-7 or make a second
    segment. Raises WordingError when the text itself may not go.
    """
    template = (templates or default_templates())[kind]
    text = template.text.format(
        when=words.day_and_time(starts_local),
        callback=callback,
        moved_from=f"{words.on}{words.day_and_time(moved_from)}" if moved_from else "",
    )
    _refuse_problems(text)
    return Wording(_addressed(text, first_name), template.version)


def _refuse_problems(text: str) -> None:
    problems = problems_of(text)
    if problems:
        raise WordingError(" ".join(problems))


def _addressed(text: str, first_name: str | None) -> str:
    name = " ".join((first_name or "").split())
    addressed = f"{name}: {text}"
    return addressed if name and is_gsm7(name) and not problems_of(addressed) else text


def staff_alert(count: int, sign_in_url: str) -> Wording:
    """Write the alert that tells staff something waits for them, and nothing more (product.md §8)."""
    notices = "notice" if count == 1 else "notices"
    return Wording(f"You have {count} new {notices}. Sign in: {sign_in_url}", 1)
