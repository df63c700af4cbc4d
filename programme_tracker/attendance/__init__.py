"""Registers, outcomes and corrections."""
