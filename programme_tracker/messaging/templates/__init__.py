"""What texts say, as rows a manager changes: templates and their versions, languages, banned words."""
