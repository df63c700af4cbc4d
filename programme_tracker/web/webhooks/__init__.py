"""The door that Twilio calls at: news of delivery, and texts that come in."""
