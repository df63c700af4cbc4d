"""Chromium for browser tests: the machine's own, Playwright's download, or Debian's package.

``python -m tests.chromium`` makes sure that there is one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
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


def ensure_chromium() -> str | None:
    """Find or install Chromium; return a sentence when none can be had."""
    if chromium_path() or _playwright_has_it() or _playwright_downloads_it() or _debian_has_it():
        return None
    return "The browser tests need Chromium: install the package chromium and run make test again."


def _playwright_has_it() -> bool:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def _playwright_downloads_it() -> bool:
    print("No Chromium here: trying Playwright's own download.")  # noqa: T201 - run by make
    command = [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]
    return _succeeds(command if os.geteuid() == 0 else [*command[:4], "chromium"]) and _playwright_has_it()


def _debian_has_it() -> bool:
    if not shutil.which("apt-get"):
        return False
    print("That is not to be had: trying Debian's package.")  # noqa: T201 - run by make
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    _succeeds([*rights, "apt-get", "update", "-q"])
    return _succeeds([*rights, "apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"])


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=900, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    sys.exit(ensure_chromium())
