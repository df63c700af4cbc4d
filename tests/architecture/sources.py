"""The project's own files, for the tests that read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "programme_tracker"


def python_files() -> list[Path]:
    """List every Python file people wrote; migrations are written by a tool."""
    folders = ("programme_tracker", "tests", "benchmarks")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted([*found, ROOT / "conftest.py", ROOT / "wsgi.py", ROOT / "migrations" / "env.py"])


def modules(name: str = "*") -> list[str]:
    """List the package's modules whose file is called ``name``, by their dotted names."""
    paths = sorted(PACKAGE.rglob(f"{name}.py"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]


@cache
def tree(path: Path) -> ast.Module:
    """Parse a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Go through every function of a file, methods and inner ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function, from ``def`` to its end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def tracked_files() -> list[Path]:
    """List the files that are, or would be, part of a clone; outside a clone every file."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        skipped = {".venv", ".git", "instance"}
        paths = (path for path in ROOT.rglob("*") if not skipped & set(path.relative_to(ROOT).parts))
        return [path for path in paths if path.is_file()]
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
