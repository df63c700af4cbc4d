"""Who is told what, in which order and by when: pure functions (product.md §8, domain.md §4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from programme_tracker.kernel.working_time import WorkingCalendar
from programme_tracker.programmes.rules import GeneralPolicy


class ActionKind(StrEnum):
    """What agencies do about somebody, as pilots of the PPIT counted it (domain.md §6)."""

    MAPPA = "mappa"
    IOM = "iom"
    MARAC = "marac"
    PROBATION = "probation"
    DVPN = "dvpn"
    DVDS = "dvds"
    INTELLIGENCE = "intelligence"
    INTERVENTION = "intervention"
    IDVA = "idva"
    OTHER = "other"


ACTION_TITLES: Mapping[str, str] = MappingProxyType(
    {
        ActionKind.MAPPA: "Referred to MAPPA",
        ActionKind.IOM: "Referred to integrated offender management or WISDOM",
        ActionKind.MARAC: "Referred to MARAC",
        ActionKind.PROBATION: "Probation told",
        ActionKind.DVPN: "Protection notice or order (DVPN, DVPO) sought",
        ActionKind.DVDS: "Disclosure scheme (DVDS, Clare’s Law) used",
        ActionKind.INTELLIGENCE: "Intelligence passed on to act upon",
        ActionKind.INTERVENTION: "Intervention with the perpetrator arranged",
        ActionKind.IDVA: "Referred to an IDVA",
        ActionKind.OTHER: "Something else",
    }
)

#: What enforcement may know that others did; the rest would tell of the partner (domain.md §4).
ACTIONS_OPEN_TO_ENFORCEMENT = frozenset(
    {
        *(ActionKind.MAPPA, ActionKind.IOM, ActionKind.PROBATION, ActionKind.DVPN),
        *(ActionKind.INTELLIGENCE, ActionKind.INTERVENTION),
    }
)

#: Kinds that ask for something and so must be acknowledged, when they go to those who act.
ASKING = frozenset(
    {
        "non_engagement",
        "breach",
        "cannot_complete",
        "correction",
        "rearrest",
        "danger",
        "number_conflict",
        "wrong_person",
        "break_glass",
        "restricted",
    }
)
ACTING = frozenset({"victim_safety", "police", "enforcement"})

#: What each recipient may be told (domain.md §4). What is not listed never leaves.
ALLOWED_FACTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "victim_safety": frozenset(
            {
                "name",
                "programme",
                "session_on",
                "session_label",
                "outcome",
                "reason_offered",
                "risk",
                "explanations",
                "reminders",
                "changed_from",
                "changed_to",
                "reason",
            }
        ),
        "police": frozenset(
            {
                "name",
                "caution_reference",
                "session_on",
                "session_label",
                "attendance",
                "reason_offered",
                # What staff say of imminent danger: safeguarding, which domain.md §4 lets police have.
                "danger",
            }
        ),
        "enforcement": frozenset({"name", "programme", "risk", "explanations", "session_on", "reason"}),
        "lead": frozenset(
            {
                "name",
                "programme",
                "session_on",
                "session_label",
                "outcome",
                "explanations",
                "reminders",
                "danger",
            }
        ),
        "referrer": frozenset({"name", "programme", "session_on", "attendance"}),
        "manager": frozenset(
            {
                "name",
                "programme",
                "session_on",
                "session_label",
                "outcome",
                "risk",
                "explanations",
                "reminders",
                "reason",
            }
        ),
    }
)

_ORDER = ("victim_safety", "police", "enforcement", "lead", "referrer", "manager")


def facts_for(recipient: str, facts: Mapping[str, object]) -> dict[str, object]:
    """Return only what this recipient may be told; empty answers are left out."""
    allowed = ALLOWED_FACTS[recipient]
    return {name: value for name, value in facts.items() if name in allowed and value not in (None, "", [])}


def must_be_acknowledged(kind: str, recipient: str) -> bool:
    """Tell whether a notice asks its recipient to say that it was read (product.md §8.4)."""
    return kind in ASKING and recipient in ACTING


def cannot_wait(kind: str, recipient: str) -> bool:
    """Tell whether somebody is alerted of a notice at once, not with the next digest.

    Everything red, every chase, and that a session was moved or cancelled: victim safety must
    know that he will be home (product.md §8, §9).
    """
    moved = kind == "programme_change" and recipient == "victim_safety"
    return kind in ASKING or kind == "chase" or moved


@dataclass(frozen=True)
class Addressee:
    """Somebody to be told: a role, and a named member of staff if there is one."""

    recipient: str
    staff_id: int | None = None


@dataclass(frozen=True)
class CaseFacts:
    """Who stands around an enrolment."""

    is_mandated: bool
    risk: str
    is_priority: bool
    officer_id: int | None
    lead_id: int | None
    referrer_id: int | None


def told_on_release(case: CaseFacts) -> list[Addressee]:
    """Return whom a red flag is released to after victim safety, each person once.

    Mandated: the named officer. Voluntary: enforcement when risk is medium or high or the person
    is priority. The lead and the referrer with it; somebody who is two of these gets one notice,
    as the first of police, enforcement, lead, referrer (product.md §8.3).
    """
    named: list[Addressee] = []
    if case.is_mandated and case.officer_id is not None:
        named.append(Addressee("police", case.officer_id))
    elif case.is_mandated or case.risk in {"medium", "high"} or case.is_priority:
        named.append(Addressee("enforcement"))
    named.append(Addressee("lead", case.lead_id))
    if case.referrer_id is not None:
        named.append(Addressee("referrer", case.referrer_id))
    return each_once(named)


def each_once(named: Collection[Addressee]) -> list[Addressee]:
    """Keep the first entry of each person, in the order of recipients; roles stay."""
    told: set[int] = set()
    kept = []
    for addressee in sorted(named, key=lambda one: _ORDER.index(one.recipient)):
        if addressee.staff_id is not None and addressee.staff_id in told:
            continue
        if addressee.staff_id is not None:
            told.add(addressee.staff_id)
        kept.append(addressee)
    return kept


def acknowledge_by(
    recipient: str, released_at: datetime, risk: str, policy: GeneralPolicy, calendar: WorkingCalendar
) -> datetime:
    """Return when a notice must have been acknowledged.

    Victim safety: 4 working hours, or 1 clock hour at high risk; police and enforcement: 24 hours
    (product.md §8.1, §8.4).
    """
    if recipient != "victim_safety":
        return released_at + timedelta(hours=policy.chase_enforcement_hours)
    if risk == "high":
        return released_at + timedelta(hours=policy.acknowledge_high_risk_hours)
    return calendar.add_working_hours(released_at, policy.acknowledge_working_hours)


def manager_chase_at(released_at: datetime, policy: GeneralPolicy) -> datetime:
    """Return when an unacknowledged notice to police or enforcement goes to the manager."""
    return released_at + timedelta(hours=policy.chase_manager_hours)


def latest_hold(
    now: datetime, is_mandated: bool, policy: GeneralPolicy, calendar: WorkingCalendar
) -> datetime | None:
    """Return the latest review time a hold may have; None when nothing bounds it.

    On a mandated case that is 17:00 after ``hold_working_days`` working days (product.md §8.2).
    """
    if not is_mandated:
        return None
    moment = now
    for _ in range(policy.hold_working_days):
        moment = calendar.end_of_next_working_day(moment)
    return moment


def notice_kind(rules: Collection[str]) -> str:
    """Return what the notice of these red rules is called; one notice serves them all."""
    if "mandated_session_missed" in rules:
        return "breach"
    if "cannot_complete_in_time" in rules:
        return "cannot_complete"
    return "non_engagement"
