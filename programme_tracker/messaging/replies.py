"""What an inbound text asks of us: pure functions (product.md §5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from programme_tracker.messaging.texts import plain_words


class ReplyKind(StrEnum):
    """What a reply says."""

    WRONG_PERSON = "wrong_person"
    STOP = "stop"
    START = "start"
    HELP = "help"
    CONFIRM = "confirm"
    CALL_ME = "call_me"
    OTHER = "other"


@dataclass(frozen=True)
class Reply:
    """What a text says: its gravest meaning, and whether it also ends all texts.

    ``kind`` wrong_person and ``opts_out`` come together in "STOP this is his ex": both are acted on.
    """

    kind: ReplyKind
    opts_out: bool = False

    @property
    def is_wrong_person(self) -> bool:
        """Tell whether somebody else may be holding the phone."""
        return self.kind is ReplyKind.WRONG_PERSON


#: Twilio's opt-out words (sms.md); here they count alone or as the first word.
OPT_OUT_WORDS = frozenset({"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"})
_OPT_OUT_PAIRS = (["opt", "out"], ["stop", "all"])
_START_WORDS = frozenset({"start", "unstop"})
_HELP_WORDS = frozenset({"help", "info"})
_CONFIRM_WORDS = frozenset({"1", "ok", "okay", "yes"})
_CALL_ME_WORDS = frozenset({"2"})
#: Said beside an answer without changing it.
_COURTESIES = frozenset(
    {"please", "pls", "plz", "thanks", "thank", "thankyou", "thx", "you", "ta", "cheers", "x", "xx"}
)

#: What people write who are not the one the text was for. Apostrophes and case do not matter.
DEFAULT_WRONG_PERSON_PHRASES: tuple[str, ...] = (
    "wrong number",
    "wrong person",
    "wrong phone",
    "who is this",
    "who's this",
    "who are you",
    "who this",
    "who dis",
    "he left",
    "she left",
    "he's left",
    "she's left",
    "he has left",
    "she has left",
    "he moved out",
    "she moved out",
    "he's moved out",
    "she's moved out",
    "he's gone",
    "she's gone",
    "his ex",
    "her ex",
    "his wife",
    "her husband",
    "his girlfriend",
    "her boyfriend",
    "his partner",
    "her partner",
    "his mum",
    "her mum",
    "his dad",
    "her dad",
    "not his phone",
    "not her phone",
    "isn't his phone",
    "isn't her phone",
    "not his number",
    "not her number",
    "isn't his number",
    "isn't her number",
    "no longer his number",
    "no longer her number",
    "doesn't live here",
    "does not live here",
    "don't know him",
    "don't know her",
    "do not know him",
    "do not know her",
    "i'm not him",
    "i'm not her",
    "i am not him",
    "i am not her",
    "nobody called",
    "no one called",
    "nobody by that name",
    "no one by that name",
)


def classify(body: str, phrases: Iterable[str] = DEFAULT_WRONG_PERSON_PHRASES) -> Reply:
    """Say what an inbound text means.

    A wrong-person phrase anywhere outweighs every other meaning but an opt-out, which is kept
    beside it. Only a text that is nothing but "1" or "2" (and thanks) is an answer; a text that
    says more goes to a person.
    """
    words = plain_words(body)
    opts_out = _opts_out(words)
    if any(_says(words, plain_words(phrase)) for phrase in phrases):
        return Reply(ReplyKind.WRONG_PERSON, opts_out)
    if opts_out:
        return Reply(ReplyKind.STOP, opts_out)
    return Reply(_answer(words))


def _opts_out(words: list[str]) -> bool:
    return bool(words) and (words[0] in OPT_OUT_WORDS or words[:2] in _OPT_OUT_PAIRS)


def _says(words: list[str], phrase: list[str]) -> bool:
    span = len(phrase)
    return span > 0 and any(words[at : at + span] == phrase for at in range(len(words) - span + 1))


def _answer(words: list[str]) -> ReplyKind:
    meant = [word for word in words if word not in _COURTESIES]
    if not meant or meant[0] != words[0]:
        return ReplyKind.OTHER
    for vocabulary, kind in (
        (_CONFIRM_WORDS, ReplyKind.CONFIRM),
        (_CALL_ME_WORDS, ReplyKind.CALL_ME),
        (_START_WORDS, ReplyKind.START),
        (_HELP_WORDS, ReplyKind.HELP),
    ):
        if all(word in vocabulary for word in meant):
            return kind
    return ReplyKind.OTHER
