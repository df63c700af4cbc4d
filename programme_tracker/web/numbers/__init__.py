"""Worklists of numbers that texts cannot go to, and the one thing to do about each."""
