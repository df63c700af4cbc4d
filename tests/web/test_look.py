"""The theme keeps its promises: its colours can be read, its corners are one, nothing moves unasked."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
SHEETS = sorted((STATIC / "css").glob("*.css"))
THEME = (STATIC / "css" / "theme.css").read_text(encoding="utf-8")

#: The product's colours, as everybody agreed on them.
COLOURS = {
    "ink": "#16202a",
    "muted": "#51606e",
    "line": "#d5dce2",
    "accent": "#0b5d66",
    "amber": "#8a5300",
    "amber-wash": "#fff4dc",
    "red": "#a3171c",
    "red-wash": "#fdeaea",
    "green": "#1c6b3a",
    "green-wash": "#e6f4ea",
    "focus": "#ffbf47",
}

#: Words on their ground, by the names of the theme's variables.
PAIRS = (
    ("ink", "white"),
    ("muted", "white"),
    ("muted", "wash"),
    ("accent", "white"),
    ("accent", "accent-wash"),
    ("amber", "amber-wash"),
    ("red", "red-wash"),
    ("red", "white"),
    ("green", "green-wash"),
    ("ink", "focus"),
)


def colour(name: str) -> str:
    """Return a variable of the theme."""
    if name == "white":
        return "#ffffff"
    found = re.search(rf"--{name}: (#[0-9a-f]{{6}});", THEME)
    assert found, name
    return found[1]


def brightness(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG has it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("name", "wanted"), COLOURS.items())
def test_colour_is_the_agreed_one(name: str, wanted: str) -> None:
    assert colour(name) == wanted


@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_can_be_read_on_their_ground(words: str, ground: str) -> None:
    darker, lighter = sorted((brightness(colour(words)), brightness(colour(ground))))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_sheet_moves_nothing_and_asks_nobody(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    moving = re.findall(r"(?:transition|animation)[a-z-]*: (?!none)[^;]+", text)
    assert moving == []
    assert "@import" not in text
    assert "url(" not in text


def test_less_motion_is_respected_and_paper_has_its_own_sheet() -> None:
    assert "prefers-reduced-motion: reduce" in THEME
    assert (STATIC / "css" / "print.css").is_file()
    assert (STATIC / "favicon.svg").is_file()
    assert "--corner: 6px" in THEME
