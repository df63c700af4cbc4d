"""A member of staff's week: own appointments, recording and moving them, booking the next, who is away."""
