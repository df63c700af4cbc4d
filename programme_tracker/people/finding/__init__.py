"""Finding participants by part of a name, a reference or a number."""
