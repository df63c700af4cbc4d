"""What people, programs and those who mean harm put into fields."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.web.fuzz.pages import Control

#: If this ever stands in a page as it is here, somebody could write a script into it.
TOKEN = "zq<\"'>qz"
#: If a template were made of what was typed, its product would stand there.
SUM = "zq{{7*191}}qz${7*191}"
PRODUCT = "1337"

NASTY = (
    "",
    " ",
    TOKEN,
    f"<script>alert('{TOKEN}')</script>",
    SUM,
    "{% raise %}",
    "\x00",
    f"a\x00{TOKEN}",
    "👩🏽‍🦱" * 40,
    "\u202eright to left\u202c",
    "x" * 5_000,
    "é" * 70_000,
    "' OR 1=1 --",
    '";DROP TABLE staff;',
    "\\",
    "%00%s%n",
    "../../etc/passwd",
    "//evil.example.org",
    "\r\nSet-Cookie: a=b",
    "-1",
    "0",
    "1",
    "1.5",
    "1e9",
    "2147483648",
    "9223372036854775808",
    "9" * 400,
    "٣",
    "²",
    "NaN",
    "None",
    "null",
    "true",
    "on",
    "31",
    "02",
    "0000",
    "10000",
    "25:61",
    "6.30pm",
    "2026-02-31",
    "2026-11-26T18:30:00",
    "07700 900123",
    "+44",
    "a@example.org",
    "[]",
    '{"a": 1}',
    "\ud7ff\ue000\uffff",
)

KINDS = ("form",) * 9 + ("multipart", "json", "json text", "broken json", "bytes", "files", "xml")

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(NASTY),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("about", "a")), inner, max_size=3)
    ),
    max_leaves=5,
)


@dataclass(frozen=True)
class Example:
    """One request's body: of which kind, and what is in it."""

    kind: str
    fields: dict[str, list[str]]
    raw: Any = None


def value() -> st.SearchStrategy[str]:
    """Return a strategy for one value."""
    text = st.text(st.characters(codec="utf-8"), max_size=40)
    return st.sampled_from(NASTY) | text | st.integers().map(str)


def examples(good: dict[str, list[str]], names: list[str]) -> st.SearchStrategy[Example]:
    """Return a strategy for bodies: good ones with some fields spoilt, left out or added, and no forms."""
    every = sorted({*names, *good, "unknown", "id", "csrf_token"})
    spoilt = st.dictionaries(st.sampled_from(every), st.lists(value(), max_size=2), max_size=6)
    base = st.sampled_from((good, good, {}))
    fields = st.builds(lambda one, other: {**one, **other}, base, spoilt)
    return st.builds(Example, st.sampled_from(KINDS), fields, JSONS)


#: What somebody would type, by what a field's name ends in.
_PLAIN = {
    "day": "8",
    "month": "12",
    "year": "2026",
    "starts": "18:30",
    "time": "18:30",
    "arrived": "18:30",
    "mobile": "07700 900444",
    "number": "07700 900444",
    "email": "somebody@example.org",
    "weeks": "1",
    "months": "2",
    "username": "somebody.new",
    "code": "newone",
}


def filled(controls: dict[str, Control]) -> dict[str, list[str]]:
    """Return what somebody would send who fills in a form."""
    good: dict[str, list[str]] = {}
    for name, control in controls.items():
        offered = [choice for choice in control.choices if choice]
        if control.value and control.kind not in {"radio", "checkbox", "submit"}:
            good[name] = [control.value]
        elif offered:
            good[name] = offered[:1]
        else:
            last = name.replace("_", "-").rsplit("-", 1)[-1]
            good[name] = [_PLAIN.get(last, "Plain words of somebody")]
    return good
