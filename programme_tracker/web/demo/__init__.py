"""What only a demonstration has: phones on a page, and a clock that can be moved on."""
