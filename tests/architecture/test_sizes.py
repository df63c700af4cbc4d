"""Files, functions and routes stay small enough to read at once."""

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, ROOT, functions, length, python_files

FILE_LINES, FUNCTION_LINES, ROUTE_LINES = 400, 50, 20
ROUTE_DECORATORS = {"route", "get", "post", "put", "patch", "delete"}


def _over(path: Path, kind: str, lines: int, limit: int) -> list[str]:
    return [f"{path.relative_to(ROOT)}: {kind} has {lines} lines, at most {limit}"] if lines > limit else []


@pytest.mark.parametrize("suffix", ["py", "html", "js", "css"])
def test_files_are_short(suffix: str) -> None:
    folders = (ROOT / "templates", ROOT / "static")
    found = python_files() if suffix == "py" else [p for f in folders for p in f.rglob(f"*.{suffix}")]
    faults: list[str] = []
    for path in found:
        faults += _over(path, "the file", len(path.read_text(encoding="utf-8").splitlines()), FILE_LINES)
    assert faults == []


def test_functions_are_short() -> None:
    faults: list[str] = []
    for path in python_files():
        for function in functions(path):
            faults += _over(path, function.name, length(function), FUNCTION_LINES)
    assert faults == []


def test_routes_are_short() -> None:
    faults: list[str] = []
    for path in (PACKAGE / "web").rglob("*.py"):
        for function in functions(path):
            if any(_is_route(decorator) for decorator in function.decorator_list):
                faults += _over(path, f"the route {function.name}", length(function), ROUTE_LINES)
    assert faults == []


def _is_route(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in ROUTE_DECORATORS
    )
