"""Tasks: the list, and finishing one."""
