"""Verbs on the real application: each does what its line says, or is refused."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from programme_tracker.app import create_app
from programme_tracker.rehearsal.reading import read_script
from programme_tracker.rehearsal.report import Result, as_text
from programme_tracker.rehearsal.runner import run_script
from tests.rehearsal.files import write

VERBS = Path(__file__).parent / "verbs"
STAGE = (VERBS / "stage.yaml").read_text(encoding="utf-8")


def cases() -> Iterator[tuple[str, str]]:
    """Give the lines and the expectation of every case, as they are written."""
    text = (VERBS / "cases.yaml").read_text(encoding="utf-8")
    for case in re.split(r"^- lines:", text, flags=re.MULTILINE)[1:]:
        lines, _, expected = case.partition("\n  expect: ")
        yield "" if lines.strip() == "[]" else lines.lstrip("\n") + "\n", expected.strip()


def play(folder: Path, text: str) -> Result:
    return run_script(read_script(write(folder, text)), create_app)


@pytest.mark.parametrize(("lines", "expected"), list(cases()))
def test_verb_leads_to_its_effect(tmp_path: Path, lines: str, expected: str) -> None:
    lines = re.sub("^    - ", "  - ", lines, flags=re.MULTILINE)
    result = play(tmp_path, f"{STAGE}{lines}expect:\n  - {expected}\n")
    shown = "\n".join(str(effect.as_data()) for effect in result.effects)
    assert result.held, f"{as_text([result])}\n{shown}"


def test_verb_refer_waits_without_refusal_for_an_answer_not_known(tmp_path: Path) -> None:
    asked = "{person: rae, programme: cara, as: n, by: oic, answers: {admission: unknown}}"
    lines = f"  - {{at: 2026-09-02 09:00, refer: {asked}}}\n"
    never = 'never:\n  - {refused: "*"}\n  - {gate: "*", enrolment: n}\n'
    result = play(tmp_path, STAGE + lines + never)
    assert result.held, as_text([result])
