"""What may be done about a participant, in words: the question, what follows, the button."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Deed:
    """One thing that may be done: how its page asks, and what is said once it is done."""

    title: str
    button: str
    happened: str
    follows: str = ""
    consequences: tuple[str, ...] = ()
    kind: str = "primary"


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "suspend": Deed(
            "Suspend",
            "Suspend and stop every text",
            "Enrolment suspended.",
            "Every text has stopped. Victim safety, the lead and the manager are told.",
            (
                "Texts to the participant stop at once, and no absence counts.",
                "Victim safety, the lead and the manager are told now.",
                "The caution goes on: its expiry does not move.",
            ),
        ),
        "resume": Deed(
            "Resume",
            "Resume the enrolment",
            "Enrolment resumed.",
            "Texts about coming sessions go again.",
            ("Texts about coming sessions go again.", "Absences count again from now on."),
        ),
        "consent": Deed(
            "Record consent to texts",
            "Record the consent",
            "Consent recorded.",
            "Texts about coming sessions go again.",
            (
                "They had texted STOP, so no text has gone since.",
                "Texts about coming sessions go again, and your name and what you write are kept.",
            ),
        ),
        "details": Deed("Change number or risk", "Save changes", "Changes saved."),
        "share_number": Deed(
            "Allow a shared number",
            "Allow sharing",
            "Sharing allowed.",
            "Texts go to each of them. Whoever gets this number later is asked about anew.",
            (
                "Each of them may read the other's appointments: ask them both first.",
                "Texts that were held back, and are still of use, go now.",
                "Somebody who gets this number later is asked about anew.",
            ),
        ),
        "lift_number": Deed(
            "Let texts go to a number again",
            "Let texts go again",
            "Texts may go to this number again.",
            "",
            (
                "Do this when they said that the number is theirs and that they want texts.",
                "Texts that were held back, and are still of use, go now.",
            ),
        ),
        "rearrest": Deed(
            "Record a re-arrest",
            "Record the re-arrest and tell victim safety",
            "Re-arrest recorded.",
            "Victim safety was told first, then the officer, the lead and the manager.",
            (
                "Victim safety is told first, then the officer, the lead and the manager.",
                "Mandated enrolments are suspended until police decide; reminders stop.",
                "What was completed stays completed.",
            ),
            "danger",
        ),
        "danger": Deed(
            "Somebody is in danger now",
            "Tell everybody now",
            "Everybody is told now.",
            "This does not replace 999. Call it if you have not.",
            (
                "Call 999 first. This page does not.",
                "Victim safety, police, enforcement, the lead and the manager are told at once.",
                "All of them, police too, read what you write below, word for word.",
                "The usual order, victim safety first, is waived, and that is recorded.",
            ),
            "danger",
        ),
        "clear": Deed(
            "Clear a flag",
            "Clear flag",
            "Flag cleared.",
            "",
            (
                "The flag no longer stands; the reason and your name stay with it.",
                "When no red flag is left, the case closes and notices not yet sent are cancelled.",
            ),
        ),
        "police_decision": Deed(
            "Enter the police decision",
            "Save the decision",
            "Police decision saved.",
            "",
            (
                "The case is settled and its red flags are cleared.",
                "Only police decide this: enter what they said, nothing inferred.",
            ),
        ),
    }
)
