"""Passwords that leaks have made known, and words that anybody here would guess first.

The list is shipped with the product, so that no password or part of one ever leaves the machine.
"""

import gzip
import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("common_passwords.txt.gz")

#: What this product and its programmes are called.
_OURS = ("programmetracker", "programme", "tracker", "radar", "baseline", "linx", "cara", "youth")

#: Signs that people write for letters.
_AS_LETTERS = str.maketrans("013457$@!", "oieastsai")

#: Shorter words are in too many good passwords, and would be too little of one.
SHORTEST_WORD = 4
#: What a password must hold beside the words that others would guess.
OWN_PART = 8

_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


@cache
def _known() -> frozenset[str]:
    return frozenset(gzip.decompress(_FILE.read_bytes()).decode("utf-8").splitlines())


def context_words(names: Iterable[str]) -> set[str]:
    """Return the words to be left out: the product's, and every longer part of these names."""
    parts = {part for name in names for part in re.split(r"[\W\d_]+", _folded(name))}
    return {part for part in parts if len(part) >= SHORTEST_WORD} | set(_OURS)


def is_common(password: str) -> bool:
    """Tell whether a password is widely known, or is made from one in a way that is guessed as fast.

    Capitals, figures for letters, figures and signs before or after, and the same or another known
    one again make no difference.
    """
    plain = _folded(password)
    return any(
        _is_known(re.sub(r"\s+", "", each)) for each in (plain, _ENDS.sub("", plain).translate(_AS_LETTERS))
    )


def _is_known(plain: str) -> bool:
    core = _ENDS.sub("", plain)
    if not core or plain in _known() or core in _known():
        return True
    halves = ((core[:at], core[at:]) for at in range(SHORTEST_WORD, len(core) - SHORTEST_WORD + 1))
    return any(one == other and one in _known() for one, other in halves)


def is_of_context(password: str, words: Collection[str]) -> bool:
    """Tell whether too little is left of a password without words that others would try first."""
    rest = _folded(password)
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != _folded(password) and (len(rest) < OWN_PART or is_common(rest))


def _folded(text: str) -> str:
    """Return text in lower case and without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
