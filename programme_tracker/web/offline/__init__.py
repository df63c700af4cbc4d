"""Registers without signal: what a phone keeps, and the door where it hands its marks in."""
