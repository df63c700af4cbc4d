"""Registers on a phone, their receipts, and corrections."""
