"""Staff accounts: who may sign in, with which roles, and who stands in for whom."""
