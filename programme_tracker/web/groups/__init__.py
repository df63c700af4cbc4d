"""Groups: the list, making one, its page with the attendance matrix, places, transfers, cover."""
