"""The manager's page of what is late."""
