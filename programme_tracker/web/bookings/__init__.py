"""Pages that give a person a place, or take it away."""
