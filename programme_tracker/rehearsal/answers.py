"""Eligibility answers as a rehearsal gives them, and the questions they answer."""

from collections.abc import Mapping

from programme_tracker.rehearsal.places import Item

NOT_KNOWN = "unknown"
_SAYS_NOT_KNOWN = ("unknown", "not_known", "not known")
_LEVELS = ("standard", "medium", "high")

#: What a file may call each question; the first name of each is the application's.
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "adult": (),
    "intimate_partner": ("partner", "intimate"),
    "eligible_offence": ("offence", "offence_eligible"),
    "admission": ("admits", "admitted"),
    "no_violence_two_years": ("no_violence", "violence", "no_recent_violence", "no_violence_in_two_years"),
    "not_serving_community_sentence": (
        "community_sentence",
        "no_community_sentence",
        "not_serving",
        "not_community_sentence",
    ),
    "dash_level": ("dash", "dash_allowed"),
    "victim_agrees": (
        "partner_agrees",
        "agreement",
        "victim",
        "partner_agreement",
        "victim_agreement",
        "victim_contacted",
    ),
}

_BY_ANY_NAME = {name: key for key, others in QUESTIONS.items() for name in (key, *others)}


def read_answers(item: Item) -> dict[str, str]:
    """Return the answers by question key: yes, no, unknown or a DASH level. Raises ScriptError."""
    found: dict[str, str] = {}
    for name, value in item.mapping().items():
        key = _BY_ANY_NAME.get(name)
        if key is None:
            raise value.fault(f"is not a question; there are {', '.join(QUESTIONS)}")
        if key in found:
            raise value.fault(f"answers {key} a second time")
        found[key] = _level(value) if key == "dash_level" else _yes_or_no(value)
    return found


def all_answers(given: Mapping[str, str], risk: str) -> dict[str, str]:
    """Return an answer to every question: yes where none was given, DASH as the person's risk."""
    return {**dict.fromkeys(QUESTIONS, "yes"), "dash_level": risk, **given}


def _yes_or_no(item: Item) -> str:
    if item.text() in _SAYS_NOT_KNOWN:
        return NOT_KNOWN
    return "yes" if item.boolean() else "no"


def _level(item: Item) -> str:
    said = item.choice((*_LEVELS, *_SAYS_NOT_KNOWN))
    return NOT_KNOWN if said in _SAYS_NOT_KNOWN else said
