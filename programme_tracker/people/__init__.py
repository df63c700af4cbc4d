"""Participants, their numbers and their guardians."""
