"""Use cases that span rooms, one function each."""
