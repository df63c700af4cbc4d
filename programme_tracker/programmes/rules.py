"""The policy as data: every programme's numbers, with version 1 as delivered (product.md §2, §7).

A policy version is plain data and is kept as JSON; flags name the version that raised them.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import time
from enum import StrEnum
from types import MappingProxyType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

_CLOCK_TIME = re.compile(r"\d\d:\d\d", re.ASCII)


class PolicyError(ValueError):
    """A policy names an unknown programme or key, or gives a value that does not fit."""


class Form(StrEnum):
    """How a programme is delivered."""

    WEEKLY_GROUP = "weekly_group"
    TWO_WORKSHOPS = "two_workshops"
    ONE_TO_ONE = "one_to_one"
    SESSIONS_BEFORE_GROUP = "sessions_before_group"


class MandateRule(StrEnum):
    """When a missed session is reported as a breach."""

    ALWAYS = "always"
    IF_MANDATED = "if_mandated"


@dataclass(frozen=True, kw_only=True)
class ProgrammePolicy:
    """One programme's numbers. A threshold of ``None`` means that its rule is off."""

    title: str
    form: Form
    sessions: int
    minutes: int
    min_age: int = 16
    max_age: int | None = None
    is_mandated: bool = False
    capacity: int = 12
    facilitators: int = 2
    late_grace_minutes: int = 15
    participant_word: str = "participant"
    #: DASH levels at which a referral is taken.
    allowed_dash: tuple[str, ...] = ("standard", "medium", "high")
    rolling_entry: bool = False

    #: Days before a session on which its reminders go, furthest first.
    reminder_days: tuple[int, ...] = (1,)
    #: The same for a person's first session of a group.
    first_session_reminder_days: tuple[int, ...] = (7, 3, 1)

    #: Sessions with credit that completion needs; every condition set below must hold as well.
    completion_attended: int = 0
    completion_topics: bool = False
    completion_judgement: bool = False
    completion_parts: bool = False
    #: Days between part A and part B: fewer is refused, more is a warning.
    part_gap_min_days: int = 28
    part_gap_max_days: int = 35

    #: Days between contacts with the partner while the person is on the programme; None: by part.
    partner_contact_days: int | None = None
    #: Months after the end, however it ends, in which they go on.
    partner_contact_after_end_months: int = 6

    first_absence: int | None = None
    acceptable_absences: int | None = None
    acceptable_absences_days: int = 28
    lateness: int | None = None
    lateness_window: int = 6
    consecutive_absences: int | None = None
    absences_in_window: int | None = None
    absences_window: int = 6
    absence_at_high_risk: int | None = None
    disengaged_streak: int | None = None
    disengaged_days: int | None = None
    no_contact_days: int | None = None
    mandated_session_missed: MandateRule | None = MandateRule.IF_MANDATED
    cannot_complete_in_time: bool = False
    assessment_missed_amber: int | None = 1
    assessment_missed_red: int | None = 2


@dataclass(frozen=True, kw_only=True)
class GeneralPolicy:
    """The numbers that hold for all programmes (product.md §3, §5, §8, §9). Times are London's."""

    acknowledge_working_hours: int = 4
    acknowledge_high_risk_hours: int = 1
    chase_enforcement_hours: int = 24
    chase_manager_hours: int = 48
    hold_working_days: int = 1
    first_contact_lead_days: int = 7
    first_contact_manager_days: int = 14
    monitoring_months: int = 2
    review_high_days: int = 14
    review_medium_months: int = 1
    change_delay_minutes: int = 15
    change_at_once_hours: int = 2
    text_opens: time = time(9)
    text_closes: time = time(20)
    remind_at: time = time(10)
    reminder_drop_hours: int = 12
    time_rules_at: time = time(9)
    partner_cara_working_days: int = 3
    transfer_neutral_days: int = 14
    staffing_checks: bool = True
    #: How long what is known of somebody is kept (domain.md §8): after the end of an adult's time here,
    #: until the birthday of who was under 18, and after a referral that was rejected.
    keep_adult_years: int = 7
    keep_youth_until_age: int = 25
    keep_rejected_years: int = 1


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One version of every number the rules use; programmes are keyed by their code."""

    version: int
    general: GeneralPolicy = field(default_factory=GeneralPolicy)
    programmes: Mapping[str, ProgrammePolicy] = field(default_factory=dict)


_GROUP_RULES: dict[str, Any] = {
    "first_absence": 1,
    "acceptable_absences": 2,
    "lateness": 2,
    "consecutive_absences": 2,
}
_RADAR_RULES: dict[str, Any] = _GROUP_RULES | {
    "absences_in_window": 3,
    "absence_at_high_risk": 1,
    "disengaged_streak": 3,
    "disengaged_days": 21,
}

DEFAULT_POLICY = Policy(
    version=1,
    programmes=MappingProxyType(
        {
            "radar": ProgrammePolicy(
                title="RADAR",
                form=Form.WEEKLY_GROUP,
                sessions=20,
                minutes=120,
                rolling_entry=True,
                completion_attended=16,
                partner_contact_days=28,
                completion_topics=True,
                **_RADAR_RULES,
            ),
            "cara": ProgrammePolicy(
                title="CARA",
                form=Form.TWO_WORKSHOPS,
                sessions=2,
                minutes=300,
                min_age=18,
                is_mandated=True,
                late_grace_minutes=0,
                allowed_dash=("standard", "medium"),
                reminder_days=(7, 3, 1),
                completion_attended=2,
                completion_parts=True,
                mandated_session_missed=MandateRule.ALWAYS,
                cannot_complete_in_time=True,
            ),
            "baseline": ProgrammePolicy(
                title="Baseline",
                form=Form.ONE_TO_ONE,
                sessions=6,
                minutes=60,
                capacity=1,
                facilitators=1,
                first_session_reminder_days=(1,),
                completion_attended=6,
                completion_judgement=True,
                first_absence=1,
                acceptable_absences=2,
                consecutive_absences=3,
                absence_at_high_risk=1,
                no_contact_days=14,
            ),
            "linx": ProgrammePolicy(
                title="LINX",
                form=Form.WEEKLY_GROUP,
                sessions=12,
                minutes=90,
                min_age=12,
                max_age=17,
                capacity=10,
                participant_word="young person",
                completion_attended=10,
                **_GROUP_RULES,
            ),
            "young_adults": ProgrammePolicy(
                title="Young adults",
                form=Form.WEEKLY_GROUP,
                sessions=12,
                minutes=120,
                min_age=18,
                max_age=25,
                completion_attended=10,
                **_GROUP_RULES,
            ),
            "awareness": ProgrammePolicy(
                title="Awareness",
                form=Form.SESSIONS_BEFORE_GROUP,
                sessions=2,
                minutes=120,
                completion_attended=2,
                **_RADAR_RULES,
            ),
        }
    ),
)


def to_data(policy: Policy) -> dict[str, Any]:
    """Return a policy as JSON-ready data that ``from_data`` reads back."""
    return {
        "version": policy.version,
        "general": _plain(policy.general),
        "programmes": {code: _plain(programme) for code, programme in policy.programmes.items()},
    }


def from_data(data: Mapping[str, Any]) -> Policy:
    """Return the policy that ``data`` describes; keys left out take their default.

    Raises PolicyError naming the key that is unknown, missing or of the wrong kind.
    """
    if unknown := set(data) - {"version", "general", "programmes"}:
        raise PolicyError(f"The policy has no {_listed(unknown)}.")
    programmes = _mapping("programmes", data.get("programmes", {}))
    return Policy(
        version=_whole_number("version", data.get("version"), least=1),
        general=GeneralPolicy(**_values("general", GeneralPolicy, data.get("general", {}))),
        programmes=MappingProxyType({code: _programme(code, given) for code, given in programmes.items()}),
    )


def with_overrides(policy: Policy, overrides: Mapping[str, Mapping[str, object]]) -> Policy:
    """Return ``policy`` with some values replaced; its version number stays.

    The keys of ``overrides`` are programme codes and ``general``; a threshold is turned off by
    ``None`` or ``False``. Raises PolicyError naming the unknown programme or key or the bad value.
    """
    general = policy.general
    programmes = dict(policy.programmes)
    for code, given in _mapping("policy", overrides).items():
        if code == "general":
            general = replace(general, **_values(code, GeneralPolicy, given))
        elif code in programmes:
            programmes[code] = replace(programmes[code], **_values(code, ProgrammePolicy, given))
        else:
            raise PolicyError(f"There is no programme {code}. Programmes: {_listed(programmes)}.")
    return replace(policy, general=general, programmes=MappingProxyType(programmes))


def _plain(settings: ProgrammePolicy | GeneralPolicy) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in asdict(settings).items()}


def _plain_value(value: object) -> object:
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _programme(code: str, given: object) -> ProgrammePolicy:
    values = _values(code, ProgrammePolicy, given)
    missing = {"title", "form", "sessions", "minutes"} - set(values)
    if missing:
        raise PolicyError(f"{code}: give {_listed(missing)}.")
    return ProgrammePolicy(**values)


def _values(where: str, kind: type, given: object) -> dict[str, Any]:
    """Return ``given`` as constructor arguments of ``kind``, every value checked."""
    hints = get_type_hints(kind)
    known = {setting.name for setting in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in _mapping(where, given).items():
        if key not in known:
            raise PolicyError(f"{where}: there is no {key}.")
        values[key] = _value(f"{where}: {key}", hints[key], value)
    return values


def _value(name: str, hint: Any, value: object) -> object:
    """Return ``value`` as the type ``hint`` asks for."""
    if get_origin(hint) is UnionType:
        # YAML reads "off" as False: it turns a rule off just as null does
        if value is None or value is False:
            return None
        inner = get_args(hint)[0]
        return _whole_number(name, value, least=1) if inner is int else _value(name, inner, value)
    if get_origin(hint) is tuple:
        return _several(name, get_args(hint)[0], value)
    return _single(name, hint, value)


def _single(name: str, hint: Any, value: object) -> object:
    if hint is int:
        return _whole_number(name, value)
    if hint is time:
        return _clock_time(name, value)
    if issubclass(hint, StrEnum):
        return _choice(name, hint, value)
    if not isinstance(value, hint) or value == "":
        raise PolicyError(f"{name} must be {'yes or no' if hint is bool else 'text'}, not {value!r}.")
    return value


def _several(name: str, inner: type, value: object) -> tuple[object, ...]:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise PolicyError(f"{name} must be a list, not {value!r}.")
    return tuple(_value(name, inner, one) for one in value)


def _choice(name: str, choices: type[StrEnum], value: object) -> StrEnum:
    try:
        return choices(value)  # type: ignore[arg-type]  # anything that is no choice raises
    except ValueError:
        raise PolicyError(f"{name} must be one of {_listed(choices)}, not {value!r}.") from None


def _clock_time(name: str, value: object) -> time:
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0, tzinfo=None)
    # YAML 1.1 reads a bare 10:00 as a number in base sixty: the minutes since midnight
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(*divmod(value, 60))
    try:
        return time.fromisoformat(str(value) if _CLOCK_TIME.fullmatch(str(value)) else "")
    except ValueError:
        raise PolicyError(f"{name} must be a time such as 09:30, not {value!r}.") from None


def _whole_number(name: str, value: object, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise PolicyError(f"{name} must be a whole number of at least {least}, not {value!r}.")
    return value


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise PolicyError(f"{name} must be a group of keys and values, not {value!r}.")
    return value


def _listed(names: Any) -> str:
    return ", ".join(sorted(str(name) for name in names))
