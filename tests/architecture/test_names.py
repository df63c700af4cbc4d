"""Things are called by the field's own words, and lie where one looks for them."""

import ast
import re
from pathlib import Path

from tests.architecture.sources import PACKAGE, ROOT, functions, python_files, tree

DRAWERS = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
SHARED_TESTS = {
    "architecture",
    "browser",
    "contracts",
    "factories",
    "machines",
    "packaging",
    "stress",
    "twilio_stub",
}
SHARED_TEMPLATES = {"components", "errors", "messages"}


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_module_is_a_drawer() -> None:
    assert [_shown(path) for path in python_files() if DRAWERS & set(path.with_suffix("").parts)] == []


def test_exceptions_end_in_error() -> None:
    faults = []
    for path in python_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and not node.name.endswith("Error"):
                bases = [ast.unparse(base).split(".")[-1] for base in node.bases]
                if any(base.endswith(("Error", "Exception")) for base in bases):
                    faults.append(f"{_shown(path)}: {node.name}")
    assert faults == []


def test_time_columns_say_whether_instant_or_date() -> None:
    wrong = re.compile(r"^Mapped\[(datetime|date)( \| None)?\]$")
    faults = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            found = wrong.match(ast.unparse(node.annotation))
            if found and not _says_its_kind(node.target.id, found[1]):
                faults.append(f"{_shown(path)}: {node.target.id} is a {found[1]}")
    assert faults == []


def _says_its_kind(name: str, kind: str) -> bool:
    if kind == "date":
        return name.endswith("_on")
    # A deadline reads better as what it is: acknowledge_by, lease_until.
    return name == "at" or name.endswith(("_at", "_by", "_until"))


def test_every_test_says_thing_and_condition() -> None:
    faults = [
        f"{_shown(path)}: {function.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for function in functions(path)
        if function.name.startswith("test_") and function.name.count("_") < 2
    ]
    assert faults == []


def test_templates_mirror_web() -> None:
    rooms = {path.name for path in (PACKAGE / "web").iterdir() if path.is_dir()}
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders - rooms - SHARED_TEMPLATES == set()


def test_tests_mirror_the_package() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    folders = {
        path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith("__")
    }
    assert folders - rooms - SHARED_TESTS == set()
