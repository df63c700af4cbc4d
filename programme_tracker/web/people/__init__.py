"""Finding participants, and one participant's page with what may be done there."""
