"""``python -m programme_tracker.cli``: how the command line starts its own child processes."""

from programme_tracker.cli.commands import main

main()
