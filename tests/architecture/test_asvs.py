"""The register of OWASP ASVS 5.0: no empty row, and nothing named that does not exist."""

import re
from pathlib import Path

import pytest

from programme_tracker.config import SETTINGS
from tests.architecture.sources import ROOT, functions

ANSWERS = {"test", "setting", "document", "not applicable", "not met"}

#: How many requirements version 5.0.0 has at its first two levels.
LEVELS = {"1": 70, "2": 183}

ROW = re.compile(r"^\| (V\d+\.\d+\.\d+) \| ([12]) \| (.*) \| (.*) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "asvs.md").read_text(encoding="utf-8"))


def test_every_requirement_of_both_levels_stands_once() -> None:
    assert {level: sum(row[1] == level for row in ROWS) for level in LEVELS} == LEVELS
    assert len({row[0] for row in ROWS}) == len(ROWS)


def test_no_row_says_nothing() -> None:
    assert [row[0] for row in ROWS if row[2] not in ANSWERS or len(row[3].strip()) < 8] == []


def _named_tests() -> list[str]:
    return sorted({name for row in ROWS for name in re.findall(r"tests/[\w/]+(?:\.py)?(?:::\w+)?", row[3])})


@pytest.mark.parametrize("name", _named_tests())
def test_every_test_that_is_named_exists(name: str) -> None:
    path, _, test = name.partition("::")
    found = ROOT / path
    assert found.exists()
    assert not test or test in {one.name for one in functions(found)}


def test_every_setting_and_document_that_is_named_exists() -> None:
    settings = {setting.name for setting in SETTINGS}
    named = {name for row in ROWS for name in re.findall(r"PT_[A-Z_]+", row[3])}
    assert named <= settings
    documents = {name for row in ROWS for name in re.findall(r"[\w/.]+\.(?:md|txt|html)", row[3])}
    assert [name for name in documents if not (ROOT / name).exists()] == []
    assert all(Path(name).suffix for name in documents)


def test_what_is_answered_by_a_test_or_setting_names_one() -> None:
    tests = [row[0] for row in ROWS if row[2] == "test" and "tests/" not in row[3]]
    settings = [row[0] for row in ROWS if row[2] == "setting" and "PT_" not in row[3]]
    assert tests + settings == []
