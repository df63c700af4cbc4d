"""The writes of the outbox: planning, one attempt at sending, and what comes back."""

from programme_tracker.messaging.services.attempts import note_redacted, redact_later
from programme_tracker.messaging.services.batches import LEASE, Going, begin_all, finish_accepted
from programme_tracker.messaging.services.carrying import carried_keys, take_along
from programme_tracker.messaging.services.changes import MessageStateError
from programme_tracker.messaging.services.control import (
    DEFAULT_RATE,
    change_signal,
    give_turns_back,
    pause_sending,
    reserve_turns,
    resume_sending,
    set_sending_rate,
)
from programme_tracker.messaging.services.dispatch import (
    begin_sending,
    block,
    claim_due,
    claimed,
    expire,
    finish,
    give_up_lost_attempts,
    plan_again,
    put_back,
)
from programme_tracker.messaging.services.events import event_done, keep_event
from programme_tracker.messaging.services.held import Claim, Handover, HeldMessage, held_claims
from programme_tracker.messaging.services.holding import hold_sending, release_sending
from programme_tracker.messaging.services.outbox import cancel, cancel_planned, put
from programme_tracker.messaging.services.phrases import list_phrase
from programme_tracker.messaging.services.returns import (
    Inbound,
    forget_numbers,
    lift_suppression,
    record_delivery,
    record_inbound,
    suppress_number,
)
from programme_tracker.messaging.services.settling import (
    Question,
    ask_later,
    ask_soon,
    begin_asking,
    leave_to_person,
    no_news_yet,
    note_absent,
    send_after_all,
    went_after_all,
)

__all__ = [
    "DEFAULT_RATE",
    "LEASE",
    "Claim",
    "Going",
    "Handover",
    "HeldMessage",
    "Inbound",
    "MessageStateError",
    "Question",
    "ask_later",
    "ask_soon",
    "begin_all",
    "begin_asking",
    "begin_sending",
    "block",
    "cancel",
    "cancel_planned",
    "carried_keys",
    "change_signal",
    "claim_due",
    "claimed",
    "event_done",
    "expire",
    "finish",
    "finish_accepted",
    "forget_numbers",
    "give_turns_back",
    "give_up_lost_attempts",
    "held_claims",
    "hold_sending",
    "keep_event",
    "leave_to_person",
    "lift_suppression",
    "list_phrase",
    "no_news_yet",
    "note_absent",
    "note_redacted",
    "pause_sending",
    "plan_again",
    "put",
    "put_back",
    "record_delivery",
    "record_inbound",
    "redact_later",
    "release_sending",
    "reserve_turns",
    "resume_sending",
    "send_after_all",
    "set_sending_rate",
    "suppress_number",
    "take_along",
    "went_after_all",
]
