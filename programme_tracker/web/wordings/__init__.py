"""What texts say: templates and their versions, languages, and words that are banned."""
