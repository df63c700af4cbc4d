"""What a participant can be found by, and what somebody asked for: pure functions.

A word is kept with each of its endings, so that any part of it is the beginning of something kept:
"mit" begins "mith", an ending of "smith". That needs nothing of the store but an ordinary index.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from programme_tracker.people.rules import folded

#: The shortest ending that is kept; shorter parts of a name are found at the start of a word only.
SHORTEST_ENDING = 3

#: So many figures make a number or a reference worth looking for.
FEWEST_FIGURES = 3

#: After every character that a term can hold, in the order of the index.
LAST = "\U0010ffff"

_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´")


class TermKind(StrEnum):
    """What a term was made from. Single letters: there are many rows."""

    NAME = "n"
    #: An ending of a word of the name.
    WITHIN_NAME = "w"
    REFERENCE = "r"
    MOBILE = "m"
    CAUTION = "c"


Term = tuple[str, TermKind]


@dataclass(frozen=True)
class Part:
    """One thing a person must be found by: any of ``beginnings`` must begin one of their terms."""

    beginnings: tuple[str, ...]
    #: Only at the start of a word of the name: the part is too short for anywhere else.
    at_start: bool = False


@dataclass(frozen=True)
class Asked:
    """What somebody typed. A person is found by all ``parts`` together, or by ``code`` alone."""

    parts: tuple[Part, ...]
    code: Part | None = None
    #: The reference that was typed in full or by its figures; the person who has it comes first.
    reference: str = ""
    #: The words of a name, for telling who begins so.
    words: tuple[str, ...] = ()

    @property
    def is_too_short(self) -> bool:
        """Tell whether nothing can be looked for: fewer than two letters or three figures."""
        return self.code is None and not any(_is_enough(part) for part in self.parts)


def _is_enough(part: Part) -> bool:
    text = part.beginnings[0]
    return not part.at_start or (len(text) > 1 and text.isalpha())


def words_of(name: str) -> list[str]:
    """Return the words of a name as they are compared: "O'Brien-Łukasz" → obrien, lukasz."""
    return re.findall(r"[^\W_]+", folded(name).translate(_APOSTROPHES))


def compact(code: str) -> str:
    """Return a reference or a number without anything between its letters and figures."""
    return "".join(words_of(code))


def name_terms(name: str) -> set[Term]:
    """Return the terms of a name: its words, their endings, and neighbours written as one word."""
    words = words_of(name)
    terms = {(word, TermKind.NAME) for word in words}
    terms |= {(first + second, TermKind.NAME) for first, second in pairwise(words)}
    for word in words:
        terms |= {(ending, TermKind.WITHIN_NAME) for ending in _endings(word)[1:]}
    return terms


def mobile_terms(mobile: str | None) -> set[Term]:
    """Return the terms of an E.164 number: every ending of its national figures."""
    figures = compact(mobile or "")
    return {(ending, TermKind.MOBILE) for ending in _endings(figures.removeprefix("44"))}


def reference_terms(reference: str) -> set[Term]:
    """Return the terms of a participant's reference: "P000123", and every ending of its figures."""
    whole = compact(reference)
    return {(ending, TermKind.REFERENCE) for ending in _endings(whole)}


def caution_terms(reference: str | None) -> set[Term]:
    """Return the terms of the reference on a caution: every ending of its letters and figures."""
    return {(ending, TermKind.CAUTION) for ending in _endings(compact(reference or ""))}


def _endings(word: str) -> list[str]:
    """Return a word and its endings of at least three characters, the whole word first."""
    return [word, *(word[at:] for at in range(1, len(word) - SHORTEST_ENDING + 1))] if word else []


def asked_for(text: str) -> Asked:
    """Read what was typed: words of a name in any order, figures of a number, or a reference."""
    tokens = text.split()
    named = [token for token in tokens if not any(map(str.isdigit, token))]
    figures = [token for token in tokens if token not in named]
    words = [word for token in named for word in words_of(token)]
    parts = [Part((word,), at_start=len(word) < SHORTEST_ENDING) for word in words]
    number = _code_part(" ".join(figures))
    if number is not None:
        parts.append(number)
    elif figures:
        # Too few figures to look for are not simply left out: nobody would be found by chance.
        parts.append(Part((compact(" ".join(figures)),), at_start=True))
    whole = _code_part(text) if figures and (named or not number) else None
    return Asked(tuple(parts), whole, _reference(text), tuple(words))


def _code_part(text: str) -> Part | None:
    """Read figures and letters without blanks; a British number in national and +44 form alike."""
    code = compact(text)
    if code.startswith("p") and _reference(text):
        # However few its figures, a reference stands for one person.
        return Part(tuple(dict.fromkeys((compact(_reference(text)), code))))
    if sum(map(str.isdigit, code)) < FEWEST_FIGURES:
        return None
    if not code.isdigit():
        return Part((code,))
    beginnings = [code]
    if text.strip().startswith("+44") or code.startswith("0044"):
        beginnings = [code.removeprefix("00").removeprefix("44").lstrip("0")]
    elif code.startswith("44"):
        beginnings.append(code.removeprefix("44").lstrip("0"))
    elif code.startswith("0"):
        beginnings.append(code.lstrip("0"))
    return Part(tuple(one for one in dict.fromkeys(beginnings) if len(one) >= FEWEST_FIGURES) or (code,))


def _reference(text: str) -> str:
    """Return the reference that these figures stand for, "P000123" for "p 123"; "" if for none."""
    match = re.fullmatch(r"[Pp]?\s*0*(\d{1,9})", text.strip())
    return f"P{int(match[1]):06d}" if match else ""
