"""The README tells the truth: sign-ins, links, commands, its rehearsal and the words of its tour."""

import re
from pathlib import Path

from programme_tracker.app import create_app
from programme_tracker.cli import main
from programme_tracker.rehearsal.reading import read_script
from programme_tracker.rehearsal.report import as_text
from programme_tracker.rehearsal.runner import run_script
from programme_tracker.workflows.demo import PASSWORD, demo_sign_ins

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Return the text below a heading, up to the next one of its rank."""
    return re.split(r"^## ", README.split(f"## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def test_readme_lists_the_demo_sign_ins() -> None:
    shown = section("Sign-ins of the demo")
    rows = [
        f"| `{one.username}` | {one.name}, {one.role.value.replace('_', ' ')} | {one.what_for} |"
        for one in demo_sign_ins()
    ]
    assert [line for line in shown.splitlines() if line.startswith("| `")] == rows
    assert f"`{PASSWORD}`" in shown


def test_readme_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)]+)\)|src=\"([^\"]+)\"", README)
    assert links
    assert [link for pair in links for link in pair if link and not (ROOT / link).exists()] == []


def test_readme_commands_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)(?=[`\s])", code(README))) <= targets
    commands = set(re.findall(r"programme-tracker ([a-z]+)", code(README)))
    assert "rehearse" in commands
    assert commands <= set(main.commands)


def code(text: str) -> str:
    """Return what a text sets as code, each piece on a line."""
    return "\n".join(re.findall(r"^    \S.*|`[^`\n]+`", text, re.MULTILINE)) + "\n"


def test_rehearsal_in_the_readme_holds(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert found
    file = tmp_path / "readme.yaml"
    file.write_text(found[1], encoding="utf-8")
    result = run_script(read_script(str(file)), create_app)
    assert result.held, as_text([result])


def test_tour_uses_the_words_of_the_pages() -> None:
    words = re.findall(
        r"\*{1,2}([A-Z][^*]*[^*.])\*{1,2}", section("Follow one man through CARA in a browser")
    )
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "programme_tracker" / "web").rglob("*.py")]
    shown = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    assert len(words) > 20
    assert [word for word in words if word not in shown] == []
