"""A Twilio of our own on the loopback: keeps messages, answers as told, and misbehaves on request."""

from tests.twilio_stub.behaviour import Behaviour, Misstep
from tests.twilio_stub.server import ACCOUNT, TOKEN, TwilioStub

__all__ = ["ACCOUNT", "TOKEN", "Behaviour", "Misstep", "TwilioStub"]
