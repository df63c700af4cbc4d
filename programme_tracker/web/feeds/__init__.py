"""The door of calendar programs: one person's appointments, without names."""
