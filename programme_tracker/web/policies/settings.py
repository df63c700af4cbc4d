"""Every number of a policy in words: its label, its unit and where it stands, and how it is read out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from types import MappingProxyType

from programme_tracker.programmes.rules import Form, MandateRule
from programme_tracker.web.presentation import time_words

#: The section of numbers that hold for all programmes.
GENERAL = "general"


@dataclass(frozen=True)
class Setting:
    """One number: ``unit`` is (one, many), ``none`` what an empty answer means.

    ``joins`` are the words with which a table puts it behind the number above: "within the last".
    """

    group: str
    label: str
    unit: tuple[str, str] = ("", "")
    none: str = "off"
    hint: str = ""
    joins: str = ""


_DAY, _HOUR, _MINUTE, _MONTH = ("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("month", "months")
_SESSION, _PERSON, _ABSENCE = ("session", "sessions"), ("person", "people"), ("absence", "absences")
_YEAR = ("year", "years")
_FORM, _WHO, _DONE = "How it is delivered", "Who may come", "What completes it"
_RULES, _WARNING, _PARTNER = "Red flags", "Amber flags", "Partner contacts"

#: What a programme's numbers are called, in the order in which they are shown.
PROGRAMME: Mapping[str, Setting] = MappingProxyType(
    {
        "form": Setting(_FORM, "Form"),
        "sessions": Setting(_FORM, "Sessions", _SESSION),
        "minutes": Setting(_FORM, "Length of a session", _MINUTE),
        "capacity": Setting(_FORM, "Places", _PERSON),
        "facilitators": Setting(_FORM, "Facilitators needed", _PERSON),
        "rolling_entry": Setting(_FORM, "Takes people after it has begun"),
        "late_grace_minutes": Setting(
            _FORM, "Late grace", _MINUTE, hint="0 means that whoever is late is refused entry."
        ),
        "reminder_days": Setting(
            _FORM, "Reminders before a session", _DAY, hint="Days before, furthest first: 7, 3, 1."
        ),
        "first_session_reminder_days": Setting(
            _FORM, "Reminders before the first session of a group", _DAY, hint="Days before, furthest first."
        ),
        "part_gap_min_days": Setting(_FORM, "Shortest gap from part A to part B", _DAY),
        "part_gap_max_days": Setting(_FORM, "Longest gap before a warning", _DAY),
        "participant_word": Setting(_FORM, "Word for those who come"),
        "min_age": Setting(_WHO, "Lowest age", _YEAR),
        "max_age": Setting(_WHO, "Highest age", _YEAR, none="no limit", hint="Leave empty for no limit."),
        "is_mandated": Setting(_WHO, "Everybody is mandated"),
        "allowed_dash": Setting(_WHO, "DASH levels taken"),
        "completion_attended": Setting(_DONE, "Sessions with credit", _SESSION),
        "completion_topics": Setting(_DONE, "Every topic must be covered"),
        "completion_judgement": Setting(_DONE, "A person must judge that they are ready"),
        "completion_parts": Setting(_DONE, "Both parts must be attended"),
        "consecutive_absences": Setting(_RULES, "Unexplained absences in a row", _ABSENCE),
        "absences_in_window": Setting(_RULES, "Unexplained absences adding up", _ABSENCE),
        "absences_window": Setting(
            _RULES, "Absences adding up: looked back over", _SESSION, joins="within the last"
        ),
        "absence_at_high_risk": Setting(
            _RULES, "Unexplained absences in a row at high risk or priority", _ABSENCE
        ),
        "disengaged_streak": Setting(_RULES, "Disengaged: absences in a row", _ABSENCE),
        "disengaged_days": Setting(_RULES, "Disengaged: no attendance or contact for", _DAY),
        "no_contact_days": Setting(_RULES, "No attendance or contact for", _DAY),
        "mandated_session_missed": Setting(_RULES, "A missed session is a breach"),
        "cannot_complete_in_time": Setting(_RULES, "The parts no longer fit before the caution expires"),
        "assessment_missed_red": Setting(_RULES, "Assessments missed", ("assessment", "assessments")),
        "first_absence": Setting(_WARNING, "Unexplained absences", _ABSENCE),
        "acceptable_absences": Setting(_WARNING, "Acceptable absences", _ABSENCE),
        "acceptable_absences_days": Setting(
            _WARNING, "Acceptable absences: looked back over", _DAY, joins="within"
        ),
        "lateness": Setting(_WARNING, "Late arrivals", ("time", "times")),
        "lateness_window": Setting(
            _WARNING, "Late arrivals: looked back over", _SESSION, joins="in the last"
        ),
        "assessment_missed_amber": Setting(_WARNING, "Assessments missed", ("assessment", "assessments")),
        "partner_contact_days": Setting(
            _PARTNER,
            "Between contacts with the partner",
            _DAY,
            none="after each part",
            hint="Leave empty where contacts follow the parts.",
        ),
        "partner_contact_after_end_months": Setting(_PARTNER, "Contacts go on after the end for", _MONTH),
    }
)

_ANSWER, _WATCH, _TEXTS, _OTHER = "Acknowledging and holding", "Monitoring", "Texts", "Other"
_KEEPING = "How long people are kept"

#: The same for the numbers of all programmes.
EVERYWHERE: Mapping[str, Setting] = MappingProxyType(
    {
        "acknowledge_working_hours": Setting(
            _ANSWER, "Victim safety acknowledges within", ("working hour", "working hours")
        ),
        "acknowledge_high_risk_hours": Setting(_ANSWER, "At high risk it acknowledges within", _HOUR),
        "chase_enforcement_hours": Setting(_ANSWER, "Police and enforcement are chased after", _HOUR),
        "chase_manager_hours": Setting(
            _ANSWER, "The manager is told of a notice they leave unanswered after", _HOUR
        ),
        "hold_working_days": Setting(
            _ANSWER, "A mandated case is held for at most", ("working day", "working days")
        ),
        "monitoring_months": Setting(_WATCH, "Monitoring lasts", _MONTH),
        "review_high_days": Setting(_WATCH, "Reviewed at high risk every", _DAY),
        "review_medium_months": Setting(_WATCH, "Reviewed at medium risk every", _MONTH),
        "text_opens": Setting(_TEXTS, "Texts go from"),
        "text_closes": Setting(_TEXTS, "Texts go until"),
        "remind_at": Setting(_TEXTS, "Reminders go at"),
        "reminder_drop_hours": Setting(
            _TEXTS, "A reminder is dropped so soon after news of its session", _HOUR
        ),
        "change_delay_minutes": Setting(
            _TEXTS, "Participants hear of a change after victim safety by", _MINUTE
        ),
        "change_at_once_hours": Setting(_TEXTS, "They hear at once when the session starts within", _HOUR),
        "first_contact_lead_days": Setting(_OTHER, "No workshop booked: the lead is asked after", _DAY),
        "first_contact_manager_days": Setting(_OTHER, "No workshop booked: the manager is asked after", _DAY),
        "partner_cara_working_days": Setting(
            _OTHER, "The partner is contacted after a workshop within", ("working day", "working days")
        ),
        "transfer_neutral_days": Setting(_OTHER, "A gap between two groups is neutral up to", _DAY),
        "time_rules_at": Setting(_OTHER, "Rules that time alone fulfils take effect at"),
        "staffing_checks": Setting(_OTHER, "A session without enough staff is seen 48 hours before"),
        "keep_adult_years": Setting(
            _KEEPING, "An adult, after everything has ended", _YEAR, hint="Then a manager may erase them."
        ),
        "keep_youth_until_age": Setting(_KEEPING, "Who was under 18 when it ended, until the age of", _YEAR),
        "keep_rejected_years": Setting(_KEEPING, "Who was referred and never taken", _YEAR),
    }
)

_WORDS: Mapping[StrEnum, str] = MappingProxyType(
    {
        Form.WEEKLY_GROUP: "weekly group",
        Form.TWO_WORKSHOPS: "two workshops, A then B",
        Form.ONE_TO_ONE: "one-to-one",
        Form.SESSIONS_BEFORE_GROUP: "sessions before a group",
        MandateRule.ALWAYS: "always",
        MandateRule.IF_MANDATED: "if mandated",
    }
)


def settings_of(section: str) -> Mapping[str, Setting]:
    """Return the numbers of one section: ``general`` or a programme's code."""
    return EVERYWHERE if section == GENERAL else PROGRAMME


def value_words(setting: Setting, value: object) -> str:
    """Return one number as a person says it: "2 absences", "7, 3 and 1 days", "off", "6.30pm"."""
    if value is None or value == "":
        return setting.none
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return time_words(value)
    if isinstance(value, list | tuple):
        return _several(setting, value)
    if isinstance(value, int):
        one, many = setting.unit
        return f"{value} {one if value == 1 else many}".strip()
    return choice_words(value)


def choice_words(value: object) -> str:
    """Return an answer chosen from a list in words."""
    return _WORDS[value] if isinstance(value, StrEnum) and value in _WORDS else str(value)


def _several(setting: Setting, values: list[object] | tuple[object, ...]) -> str:
    if not values:
        return "none"
    *others, last = [str(value) for value in values]
    listed = f"{', '.join(others)} and {last}" if others else last
    unit = setting.unit[0] if tuple(values) == (1,) else setting.unit[1]
    return f"{listed} {unit}".strip()
