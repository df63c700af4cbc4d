"""Groups, sessions, bookings, clashes and reminder times."""
