"""The audit trail: who did or read what, in a chain that shows tampering."""
