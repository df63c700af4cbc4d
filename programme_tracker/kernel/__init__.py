"""The ground every room stands on: database, transaction, clock, actor, working time."""
