"""The conditions at the moment of sending: a pure function over facts from several rooms."""

from dataclasses import dataclass

from programme_tracker.messaging.rules import BlockedReason

#: Blocks after which somebody has to ring, since no text will tell the person.
RING_INSTEAD = frozenset(
    {
        BlockedReason.NUMBER_INVALID,
        BlockedReason.NUMBER_UNUSABLE,
        BlockedReason.OPTED_OUT,
        BlockedReason.NUMBER_SHARED,
    }
)


@dataclass(frozen=True, kw_only=True)
class SendFacts:
    """All that decides whether one text may go now."""

    gate_open: bool
    is_suspended: bool = False
    in_custody: bool = False
    has_ended: bool = False
    session_as_told: bool = True
    outcome_recorded: bool = False
    consent_missing: bool = False
    has_textable_number: bool = True
    number_barred: bool = False
    number_shared: bool = False
    opted_out: bool = False
    session_started: bool = False


def why_not_send(facts: SendFacts) -> BlockedReason | None:
    """Return why a text must not go, the gravest reason first, or None when it may.

    The order matters for what staff read: safety before suspension before numbers
    (product.md §5).
    """
    reasons = (
        (not facts.gate_open, BlockedReason.GATE),
        (facts.in_custody, BlockedReason.IN_CUSTODY),
        (facts.is_suspended or facts.has_ended, BlockedReason.SUSPENDED),
        (not facts.session_as_told, BlockedReason.SESSION_CHANGED),
        (facts.outcome_recorded, BlockedReason.OUTCOME_RECORDED),
        (facts.session_started, BlockedReason.EXPIRED),
        (facts.consent_missing, BlockedReason.RECONSENT),
        (facts.opted_out, BlockedReason.OPTED_OUT),
        (not facts.has_textable_number, BlockedReason.NUMBER_INVALID),
        (facts.number_barred, BlockedReason.NUMBER_UNUSABLE),
        (facts.number_shared, BlockedReason.NUMBER_SHARED),
    )
    return next((reason for applies, reason in reasons if applies), None)
