"""Pages on sessions: the list, one session, making, moving and cancelling it."""
