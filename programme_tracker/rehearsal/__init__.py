"""Timelines that run against the real application."""
