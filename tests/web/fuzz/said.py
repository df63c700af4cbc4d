"""What somebody says on forms that plain words do not fill in: by route, then field."""

from programme_tracker.workflows.demo import PASSWORD

SAID: dict[str, dict[str, str]] = {
    "away.record": {"who": "2", "deputy": ""},
    "own_account.change_password": {
        "current": PASSWORD,
        "new": "a lantern in the long grass 71",
        "again": "a lantern in the long grass 71",
    },
    "own_alerts.save_addresses": {"password": PASSWORD},
    "groups.make": {"capacity": "12", "second": "", "cover": "", "confirmed": "yes"},
    "referrals.new": {
        "born_on-year": "1990",
        "issued_on-day": "1",
        "issued_on-month": "11",
        "expires_on-day": "1",
        "expires_on-month": "3",
        "expires_on-year": "2027",
        "officer": "1",
    },
    "sending.signals": {"signal": "30008"},
    "sessions.make": {"programme": "cara"},
    "staff_addresses.save": {"email": "another@example.org"},
}
