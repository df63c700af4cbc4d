"""Holding all sending, and letting it go on."""
