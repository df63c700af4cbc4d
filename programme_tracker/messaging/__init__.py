"""The outbox, SMS providers, numbers and replies."""
