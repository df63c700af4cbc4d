"""Alerts to staff by email and text: that there is something to read, never what it says."""
