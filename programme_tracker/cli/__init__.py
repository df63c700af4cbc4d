"""The command line, ``programme-tracker``: what people and init systems start."""

from programme_tracker.cli.commands import main

__all__ = ["main"]
