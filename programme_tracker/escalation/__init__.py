"""Cases, notices, deadlines and acknowledgements."""
