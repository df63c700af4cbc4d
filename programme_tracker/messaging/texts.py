"""What may stand in a text: its length on the air, and the words it must not hold. Pure functions."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: These cost two places each, and the pair is never split between segments.
GSM7_EXTENDED = frozenset("^{}\\[~]|€\f")

#: Places in a lone segment, and in each of several.
_GSM7_PLACES = (160, 153)
_UCS2_PLACES = (70, 67)

#: Words that tell whoever picks up the phone what the appointment is (product.md §5,
#: domain.md §5). Each stands for itself and its plain endings, in any case.
BANNED_WORDS: tuple[str, ...] = (
    "RADAR",
    "CARA",
    "Baseline",
    "LINX",
    "YRADAR",
    "BBR",
    "young adults",
    "young fathers",
    "awareness",
    "programme",
    "program",
    "workshop",
    "rehabilitation",
    "domestic",
    "abuse",
    "abuser",
    "abusive",
    "violence",
    "violent",
    "perpetrator",
    "offender",
    "offence",
    "offense",
    "police",
    "officer",
    "probation",
    "caution",
    "court",
    "charge",
    "arrest",
    "prosecution",
    "breach",
    "consequence",
    "victim",
    "survivor",
    "safety",
    "partner",
    "wife",
    "girlfriend",
    "DASH",
    "PPIT",
    "MARAC",
    "IDVA",
)

_LINK = re.compile(r"https?:|www\.", re.IGNORECASE)


def is_gsm7(text: str) -> bool:
    """Tell whether a text fits the GSM-7 alphabet, extension table included."""
    return all(character in GSM7_BASIC or character in GSM7_EXTENDED for character in text)


def gsm7_segments(text: str) -> int:
    """Count the segments a text is sent in; one character outside GSM-7 makes all of it UCS-2."""
    if is_gsm7(text):
        places = [2 if character in GSM7_EXTENDED else 1 for character in text]
        return _segments(places, *_GSM7_PLACES)
    places = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return _segments(places, *_UCS2_PLACES)


def _segments(places: list[int], alone: int, each: int) -> int:
    if sum(places) <= alone:
        return 1
    segments, used = 1, 0
    for width in places:
        if used + width > each:
            segments, used = segments + 1, 0
        used += width
    return segments


def plain_words(text: str) -> list[str]:
    """Return a text's words: lower case, apostrophes gone, whatever else stood between."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.findall(r"[^\W_]+", re.sub(r"['’‘`´ʼ]", "", folded))


def banned_words(text: str, banned: Iterable[str] = BANNED_WORDS) -> list[str]:
    """Return the banned words a text holds, as they stand in ``banned``, in that order.

    Whole words in any case, with the endings -s, -es, -ed and -d; several words match with
    whatever stands between them.
    """
    words = plain_words(text)
    return [entry for entry in banned if _holds(words, entry)]


def _holds(words: list[str], entry: str) -> bool:
    first, endings = _phrase(entry)
    before = len(first)
    return any(
        word in endings and tuple(words[max(0, place - before) : place]) == first
        for place, word in enumerate(words)
    )


@lru_cache(maxsize=1024)
def _phrase(entry: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the words before the last of a banned entry, and every form of the last."""
    if not (words := plain_words(entry)):
        return (), frozenset()
    *first, last = words
    return tuple(first), frozenset(last + ending for ending in ("", "s", "es", "ed", "d"))


def has_link(text: str) -> bool:
    """Tell whether a text holds a web address."""
    return _LINK.search(text) is not None


def problems_of(text: str, banned: Iterable[str] = BANNED_WORDS) -> list[str]:
    """Say in sentences why a text must not go to a participant; empty when it may."""
    problems = [f"It must not say “{word}”." for word in banned_words(text, banned)]
    if has_link(text):
        problems.append("It must not hold a link.")
    if not is_gsm7(text):
        problems.append("It holds a character that doubles its length: use plain letters and quotes.")
    if gsm7_segments(text) > 1:
        problems.append("It is longer than one text.")
    return problems
