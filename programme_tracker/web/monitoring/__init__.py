"""Monitoring: what is watched, reviewed, extended or closed."""
