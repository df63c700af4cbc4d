"""Staff accounts, roles, leave and sign-in sessions."""
