"""Chromium for browser tests: the machine's own, or the one Playwright brought."""

import shutil
from typing import Any

import pytest


def chromium_path() -> str | None:
    """Return the machine's own Chromium, or None when Playwright's own is to be used."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start Chromium without a window, without a sandbox (CI runs as root) and without calling home."""
    quiet = ("background-networking", "component-update", "sync", "quic", "gpu")
    args = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in quiet)]
    path = chromium_path()
    return {"headless": True, "args": args, **({"executable_path": path} if path else {})}
