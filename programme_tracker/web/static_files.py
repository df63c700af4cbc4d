"""Static files by build: an address that names the build's digest may be kept by a browser for good."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import flask_bootstrap
from flask import Flask, Response, request

from programme_tracker.kernel.assets import static_path, templates_path

#: Flask's own views for files that are the same for everybody.
STATIC_ENDPOINTS = frozenset({"static", "bootstrap.static"})

_BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"

#: A year, the longest that browsers take seriously.
_FOR_GOOD = "public, max-age=31536000, immutable"


@cache
def build() -> str:
    """Return a digest of everything a phone keeps: scripts, styles, and the page without signal."""
    digest = hashlib.sha256()
    pages = [*(templates_path() / "offline").glob("*.html"), templates_path() / "components/register.html"]
    files = [path for path in static_path().rglob("*") if path.is_file()]
    for path in sorted(files + pages):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(_BOOTSTRAP.read_bytes())
    return digest.hexdigest()[:12]


def serve_by_build(app: Flask) -> None:
    """Put the build into every address of a static file, so that a page's files come over the air once."""
    app.url_defaults(_with_build)


def _with_build(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in STATIC_ENDPOINTS:
        values.setdefault("v", build())


def may_be_kept(response: Response) -> None:
    """Let a file of this very build be kept; another build's address asks again each time."""
    if response.status_code == 200 and request.args.get("v") == build():
        response.headers["Cache-Control"] = _FOR_GOOD
