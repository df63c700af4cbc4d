"""How long it takes to find a person among 400, 4,000, 40,000 and 400,000, on both stores."""
