"""Case pages: what happened, who was told, what comes next."""
