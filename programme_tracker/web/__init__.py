"""The browser's door."""

#: Modules whose ``bp`` the application serves. A module that is not listed is not reachable.
BLUEPRINTS = (
    "programme_tracker.web.health",
    "programme_tracker.web.accounts.routes",
    "programme_tracker.web.accounts.own_account",
    "programme_tracker.web.referrals.routes",
    "programme_tracker.web.gate.routes",
    "programme_tracker.web.people.routes",
    "programme_tracker.web.people.actions",
    "programme_tracker.web.sessions.routes",
    "programme_tracker.web.sessions.changing",
    "programme_tracker.web.bookings.routes",
    "programme_tracker.web.registers.routes",
    "programme_tracker.web.registers.corrections",
    "programme_tracker.web.today.routes",
    "programme_tracker.web.notices.routes",
    "programme_tracker.web.tasks.routes",
    "programme_tracker.web.cases.routes",
    "programme_tracker.web.cases.monitoring",
    "programme_tracker.web.overdue.routes",
    "programme_tracker.web.staff.routes",
    "programme_tracker.web.groups.routes",
    "programme_tracker.web.groups.enrolling",
    "programme_tracker.web.groups.cover",
    "programme_tracker.web.catch_ups.routes",
    "programme_tracker.web.demo.routes",
)
