"""No file of the project tells of a machine, a registry or a secret, nor leaves work undone."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, python_files, tracked_files

FORBIDDEN = {
    "a path of one machine": r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/\w",
    "a registry's address": r"(?:pypi\.org|files\.pythonhosted|index-url\s*=?\s*http|registry\.npmjs)",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a Twilio account": r"\bAC[0-9a-f]{32}\b",
    "an access token": r"\b(?:ghp|gho|github_pat|xox[abp]|AKIA)[_0-9A-Za-z-]{16,}\b",
    "undone work": r"\b(?:TODO|FIXME|XXX|HACK)\b(?!['\"|)])",
}
#: Copied as others publish them, their invented examples included.
COPIED = {"twilio-messages.openapi.json"}
BINARY = {".gz", ".png", ".webp", ".ico", ".woff", ".woff2", ".jpg", ".pdf"}


def _texts() -> list[tuple[Path, str]]:
    own = Path(__file__).resolve()
    return [
        (path, path.read_text(encoding="utf-8"))
        for path in tracked_files()
        if path.suffix not in BINARY and path.name not in COPIED and path != own
    ]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}" for path, text in _texts() for match in pattern.finditer(text)
    ]
    assert found == []


def test_texts_are_invented_numbers_only() -> None:
    """Ofcom keeps 07700 900xxx for drama: any other mobile number could be somebody's."""
    pattern = re.compile(r"(?:\+44|\b0)\s?7\d{3}\s?\d{3}\s?\d{3}\b")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in _texts()
        for match in pattern.finditer(text)
        if not re.search(r"7700\s?900", match[0])
    ]
    assert found == []


def test_lint_exceptions_give_a_reason() -> None:
    bare = re.compile(r"#\s*(?:noqa(?::\s*[A-Z0-9, ]+)?|type:\s*ignore(?:\[[\w, -]+\])?)\s*$", re.MULTILINE)
    own = Path(__file__).resolve()
    found = [
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for path in python_files()
        if path != own
        for match in bare.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_locks_name_every_file_by_its_hash() -> None:
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        entries = re.split(r"\n(?=[a-z0-9])", text)
        assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []
        assert "://" not in text
