"""A participant's own IMPACT answers."""
