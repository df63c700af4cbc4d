"""The browser's door."""

#: Modules whose ``bp`` the application serves. A module that is not listed is not reachable.
BLUEPRINTS = (
    "programme_tracker.web.health",
    "programme_tracker.web.accounts.routes",
    "programme_tracker.web.accounts.own_account",
)
