"""What stands in a partner's file, in the field's words."""

from collections.abc import Mapping

from programme_tracker.victim_safety.rules import ContactOutcome, ImpactPoint, ViewReason

REASONS: Mapping[str, str] = {
    ViewReason.CONTACT_DUE: "A contact is due",
    ViewReason.ALERT: "An alert about the participant",
    ViewReason.SIGN_OFF: "A sign-off to decide",
    ViewReason.THEY_RANG: "They rang or wrote to us",
    ViewReason.OTHER: "Another reason",
    ViewReason.BREAK_GLASS: "Broke the glass",
}

RELATIONSHIPS: Mapping[str, str] = {
    "current": "Partner",
    "former": "Former partner",
    "family": "Another member of the family",
}

OUTCOMES: Mapping[str, str] = {
    ContactOutcome.SPOKE: "We spoke",
    ContactOutcome.DECLINED: "Declined support",
    ContactOutcome.ATTEMPTED: "No answer: still due",
    ContactOutcome.UNREACHABLE: "Could not be reached after several tries",
    ContactOutcome.UNSAFE: "Not safe to contact at present",
}

#: Outcome → a chip's kind.
OUTCOME_CHIPS: Mapping[str, str] = {
    ContactOutcome.SPOKE: "done",
    ContactOutcome.DECLINED: "closed",
    ContactOutcome.ATTEMPTED: "pending",
    ContactOutcome.UNREACHABLE: "overdue",
    ContactOutcome.UNSAFE: "held",
}

WAYS: Mapping[str, str] = {
    "call": "Telephone call",
    "text": "Text message",
    "visit": "Meeting in person",
    "other": "Another way",
}

EXPLAINED: Mapping[str, str] = {
    "programme": "What the programme is, and techniques such as time-out",
    "no_promise": "That his attendance is no promise of change or safety",
    "what_we_tell": "What we will tell them, and what stays private",
    "rights": "Where help is, and that it can be asked for at any time",
    "plan": "What to do in an emergency",
}

LEVELS: Mapping[str, str] = {"standard": "Standard", "medium": "Medium", "high": "High"}

CHANGES: Mapping[str, str] = {
    "new_partner": "He has a new partner",
    "child_contact": "New contact with a child",
    "moved": "Somebody has moved",
    "separated": "They have separated, or are together again",
    "other": "Something else that may raise the risk",
}

POINTS: Mapping[str, str] = {
    ImpactPoint.T0: "Intake",
    ImpactPoint.T1: "Start",
    ImpactPoint.T2: "Halfway",
    ImpactPoint.T3: "End, however it came",
    ImpactPoint.T4: "Six months after",
}

#: The six things asked about at each time point, from 1 (never) to 5 (always).
DOMAINS: Mapping[str, str] = {
    "respect": "He speaks to me with respect",
    "space": "I can do what I want to do",
    "safety": "I feel safe, and free from abuse",
    "parenting": "Parenting is safe and shared",
    "awareness": "He understands what he has done",
    "childhoods": "The children feel safe",
}
#: The same as the participant is asked them.
OWN: Mapping[str, str] = {
    "respect": "I speak to my partner or former partner with respect",
    "space": "They can do what they want to do",
    "safety": "They are safe with me, and free from abuse",
    "parenting": "Parenting is safe and shared",
    "awareness": "I understand what I have done",
    "childhoods": "The children feel safe with me",
}
SCALE = (("1", "1 Never"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5 Always"), ("none", "Not asked"))
