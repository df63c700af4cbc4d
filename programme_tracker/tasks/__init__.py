"""Things a named person or role has to do by a day."""
