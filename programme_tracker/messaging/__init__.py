"""Texts and emails: the outbox, the providers, what comes back. Knows nothing of enrolments."""
