"""Where templates, static files and migrations lie, in a checkout and in an installed wheel.

They live at the top of the checkout; the wheel carries them inside the package, with a leading
underscore (``pyproject.toml``, wheel sources).
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def _path(name: str) -> Path:
    packed = _PACKAGE / f"_{name}"
    return packed if packed.is_dir() else _PACKAGE.parent / name


def templates_path() -> Path:
    """Return the folder of the templates."""
    return _path("templates")


def static_path() -> Path:
    """Return the folder of the static files."""
    return _path("static")


def migrations_path() -> Path:
    """Return the folder of the migrations."""
    return _path("migrations")
