"""What a person on a programme is called, as its policy says."""

from programme_tracker.kernel import clock
from programme_tracker.programmes.queries import policy_at

USUAL = "participant"


def person_word(programme_code: str) -> str:
    """Return what to call somebody on a programme: "participant", or "young person"."""
    rules = policy_at(clock.now()).programmes.get(programme_code)
    return rules.participant_word if rules is not None else USUAL
