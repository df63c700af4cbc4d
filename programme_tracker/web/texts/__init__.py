"""Texts: what people wrote back, what we wrote, and what became of each."""
