"""Partner records, apart from every other room."""
