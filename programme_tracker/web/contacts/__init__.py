"""The log of contacts with participants, and who has not been reached lately."""
