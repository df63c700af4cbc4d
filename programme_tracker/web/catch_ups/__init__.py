"""Catch-ups: the ledger of absences, naming the session that closes one, waiving one."""
