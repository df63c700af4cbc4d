"""Policy versions: read, compared, tried and made; and programmes added without code."""
