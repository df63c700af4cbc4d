"""Victim safety's sign-off."""
