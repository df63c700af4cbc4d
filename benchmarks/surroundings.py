"""The machine that a benchmark ran on, in words."""

import os
import platform
import time


def run_on() -> str:
    """Say when and on what a run was made."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    hardware = f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB"
    return f"Run on {time.strftime('%d %B %Y')}: {hardware}, {system}; everything on one machine"
