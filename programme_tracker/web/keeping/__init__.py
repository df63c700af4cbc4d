"""How long people are kept, and erasing those whose time is over."""
