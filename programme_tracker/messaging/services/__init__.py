"""The writes of the outbox: planning, one attempt at sending, and what comes back."""

from programme_tracker.messaging.services.carrying import carried_keys, take_along
from programme_tracker.messaging.services.changes import MessageStateError
from programme_tracker.messaging.services.dispatch import (
    LEASE,
    Claim,
    Handover,
    begin_sending,
    block,
    claim_due,
    expire,
    finish,
    give_up_lost_attempts,
    put_back,
)
from programme_tracker.messaging.services.events import event_done, keep_event
from programme_tracker.messaging.services.outbox import cancel, cancel_planned, put
from programme_tracker.messaging.services.phrases import list_phrase
from programme_tracker.messaging.services.returns import (
    Inbound,
    lift_suppression,
    record_delivery,
    record_inbound,
    suppress_number,
)

__all__ = [
    "LEASE",
    "Claim",
    "Handover",
    "Inbound",
    "MessageStateError",
    "begin_sending",
    "block",
    "cancel",
    "cancel_planned",
    "carried_keys",
    "claim_due",
    "event_done",
    "expire",
    "finish",
    "give_up_lost_attempts",
    "keep_event",
    "lift_suppression",
    "list_phrase",
    "put",
    "put_back",
    "record_delivery",
    "record_inbound",
    "suppress_number",
    "take_along",
]
