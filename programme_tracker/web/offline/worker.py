"""The script that stands between a browser and the signal."""

import json

from flask import url_for

from programme_tracker.kernel.assets import static_path
from programme_tracker.web.static_files import build

#: The styles and scripts of the page without signal, in the order in which it loads them.
STYLES = ("css/theme.css", "css/forms.css", "css/components.css", "css/register.css", "css/offline.css")
SCRIPTS = tuple(
    f"js/offline/{name}.js"
    for name in ("store", "vault", "sheets", "words", "sync", "bar", "rows", "trouble", "page")
)


def kept_addresses() -> list[str]:
    """Return the addresses that a phone keeps, the same for everybody: the page without signal, its files."""
    files = [url_for("static", filename=name) for name in ("favicon.svg", *STYLES, *SCRIPTS)]
    return [url_for("offline.page"), url_for("bootstrap.static", filename="css/bootstrap.min.css"), *files]


def worker_script() -> str:
    """Return the worker of this build: a browser takes a new one when a byte of it differs."""
    told = {"build": build(), "page": url_for("offline.page"), "keep": kept_addresses()}
    script = (static_path() / "js" / "offline" / "worker.js").read_text(encoding="utf-8")
    return f'"use strict";\nconst TOLD = {json.dumps(told)};\n{script}'
