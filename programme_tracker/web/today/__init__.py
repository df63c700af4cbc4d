"""Each person's Today page: what needs them now."""
