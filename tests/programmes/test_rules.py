import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.programmes.rules import (
    DEFAULT_POLICY,
    Form,
    GeneralPolicy,
    MandateRule,
    Policy,
    PolicyError,
    ProgrammePolicy,
    from_data,
    to_data,
    with_overrides,
)

#: Product table of §2: sessions, minutes, youngest, oldest, capacity, facilitators, grace.
PROGRAMMES = {
    "radar": (20, 120, 16, None, 12, 2, 15),
    "cara": (2, 300, 18, None, 12, 2, 0),
    "baseline": (6, 60, 16, None, 1, 1, 15),
    "linx": (12, 90, 12, 17, 10, 2, 15),
    "young_adults": (12, 120, 18, 25, 12, 2, 15),
    "awareness": (2, 120, 16, None, 12, 2, 15),
}

#: Product table of §7. Its rules left out of a programme are off.
THRESHOLDS: dict[str, dict[str, int]] = {
    "radar": {
        "first_absence": 1,
        "acceptable_absences": 2,
        "lateness": 2,
        "consecutive_absences": 2,
        "absences_in_window": 3,
        "absence_at_high_risk": 1,
        "disengaged_streak": 3,
        "disengaged_days": 21,
    },
    "cara": {},
    "baseline": {
        "first_absence": 1,
        "acceptable_absences": 2,
        "consecutive_absences": 3,
        "absence_at_high_risk": 1,
        "no_contact_days": 14,
    },
    "linx": {"first_absence": 1, "acceptable_absences": 2, "lateness": 2, "consecutive_absences": 2},
}
THRESHOLDS["awareness"] = THRESHOLDS["radar"]
THRESHOLDS["young_adults"] = THRESHOLDS["linx"]
SWITCHABLE = {name for given in THRESHOLDS.values() for name in given}


def test_default_policy_has_the_six_programmes() -> None:
    assert DEFAULT_POLICY.version == 1
    assert set(DEFAULT_POLICY.programmes) == set(PROGRAMMES)


@pytest.mark.parametrize("code", PROGRAMMES)
def test_default_programme_matches_the_product_table(code: str) -> None:
    programme = DEFAULT_POLICY.programmes[code]
    assert PROGRAMMES[code] == (
        programme.sessions,
        programme.minutes,
        programme.min_age,
        programme.max_age,
        programme.capacity,
        programme.facilitators,
        programme.late_grace_minutes,
    )


@pytest.mark.parametrize("code", PROGRAMMES)
def test_default_thresholds_match_the_product_table(code: str) -> None:
    programme = DEFAULT_POLICY.programmes[code]
    actual = {name: getattr(programme, name) for name in SWITCHABLE}
    assert actual == {name: THRESHOLDS[code].get(name) for name in SWITCHABLE}
    assert (programme.assessment_missed_amber, programme.assessment_missed_red) == (1, 2)
    assert programme.mandated_session_missed is (
        MandateRule.ALWAYS if code == "cara" else MandateRule.IF_MANDATED
    )
    assert programme.cannot_complete_in_time is (code == "cara")
    assert programme.reminder_days == ((7, 3, 1) if code == "cara" else (1,))
    assert programme.allowed_dash == (
        ("standard", "medium") if code == "cara" else ("standard", "medium", "high")
    )


def test_policy_round_trips_through_json() -> None:
    assert from_data(json.loads(json.dumps(to_data(DEFAULT_POLICY)))) == DEFAULT_POLICY


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Build policies with any thresholds, reminder days and times."""
    threshold = st.none() | st.integers(1, 99)
    code = draw(st.sampled_from(sorted(PROGRAMMES)))
    thresholds: dict[str, Any] = {name: draw(threshold) for name in sorted(SWITCHABLE)}
    programme = replace(
        DEFAULT_POLICY.programmes[code],
        form=draw(st.sampled_from(Form)),
        mandated_session_missed=draw(st.none() | st.sampled_from(MandateRule)),
        reminder_days=tuple(draw(st.lists(st.integers(0, 30), max_size=4))),
        rolling_entry=draw(st.booleans()),
        **thresholds,
    )
    general = GeneralPolicy(
        remind_at=time(draw(st.integers(0, 23)), draw(st.integers(0, 59))),
        chase_manager_hours=draw(st.integers(0, 500)),
    )
    programmes = {
        **DEFAULT_POLICY.programmes,
        draw(
            st.sampled_from(
                ["bbr", "help", "csr", "Père draw(st.text(min_size=1, max_size=9)): programme fils"]
            )
        ): programme,
    }
    return Policy(version=draw(st.integers(1, 999)), general=general, programmes=programmes)


@given(policy=policies())
def test_any_policy_round_trips_through_json(policy: Policy) -> None:
    back = from_data(json.loads(json.dumps(to_data(policy))))
    assert (back.version, back.general, dict(back.programmes)) == (
        policy.version,
        policy.general,
        dict(policy.programmes),
    )


def test_new_programme_needs_only_what_has_no_default() -> None:
    data = to_data(DEFAULT_POLICY)
    data["programmes"]["bbr"] = {"title": "BBR", "form": "weekly_group", "sessions": 26, "minutes": 150}
    assert from_data(data).programmes["bbr"] == ProgrammePolicy(
        title="BBR", form=Form.WEEKLY_GROUP, sessions=26, minutes=150
    )


def test_new_programme_without_its_length_is_refused() -> None:
    data = to_data(DEFAULT_POLICY)
    data["programmes"]["bbr"] = {"title": "BBR", "form": "weekly_group"}
    with pytest.raises(PolicyError, match="bbr: give minutes, sessions"):
        from_data(data)


def test_overrides_replace_only_what_they_name() -> None:
    policy = with_overrides(
        DEFAULT_POLICY,
        {
            "radar": {"late_grace_minutes": 10, "consecutive_absences": 3},
            "general": {"chase_manager_hours": 6},
        },
    )
    radar = policy.programmes["radar"]
    expected = replace(DEFAULT_POLICY.programmes["radar"], late_grace_minutes=10, consecutive_absences=3)
    assert radar == expected
    assert policy.general == replace(DEFAULT_POLICY.general, chase_manager_hours=6)
    assert policy.programmes["cara"] == DEFAULT_POLICY.programmes["cara"]
    assert DEFAULT_POLICY.programmes["radar"].late_grace_minutes == 15


@pytest.mark.parametrize("off", [None, False])
def test_override_turns_a_rule_off(off: object) -> None:
    policy = with_overrides(
        DEFAULT_POLICY, {"cara": {"mandated_session_missed": off}, "linx": {"lateness": off}}
    )
    assert policy.programmes["cara"].mandated_session_missed is None
    assert policy.programmes["linx"].lateness is None


@pytest.mark.parametrize("written", ["08:30", 510, time(8, 30)])
def test_override_of_a_time_is_read_as_yaml_gives_it(written: object) -> None:
    assert with_overrides(DEFAULT_POLICY, {"general": {"remind_at": written}}).general.remind_at == time(
        8, 30
    )


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"raddar": {}}, "no programme raddar"),
        ({"radar": {"grace": 10}}, "radar: there is no grace"),
        ({"general": {"grace": 10}}, "general: there is no grace"),
        ({"radar": {"sessions": "20"}}, "radar: sessions must be a whole number"),
        ({"radar": {"sessions": True}}, "radar: sessions must be a whole number"),
        ({"radar": {"sessions": None}}, "radar: sessions must be a whole number"),
        ({"radar": {"late_grace_minutes": -1}}, "late_grace_minutes must be a whole number of at least 0"),
        ({"radar": {"consecutive_absences": 0}}, "consecutive_absences must be a whole number of at least 1"),
        ({"radar": {"lateness": True}}, "lateness must be a whole number"),
        ({"radar": {"rolling_entry": 1}}, "rolling_entry must be yes or no"),
        ({"radar": {"title": ""}}, "title must be text"),
        ({"radar": {"form": "weekly"}}, "form must be one of one_to_one, sessions_before_group"),
        ({"radar": {"reminder_days": 3}}, "reminder_days must be a list"),
        ({"radar": {"reminder_days": ["3"]}}, "reminder_days must be a whole number"),
        ({"radar": {"mandated_session_missed": "never"}}, "must be one of always, if_mandated"),
        ({"radar": 3}, "radar must be a group of keys"),
        ({"general": {"remind_at": "ten"}}, "remind_at must be a time"),
        ({"general": {"remind_at": 1440}}, "remind_at must be a time"),
        ({"general": {"remind_at": True}}, "remind_at must be a time"),
        ({"general": {"staffing_checks": "off"}}, "staffing_checks must be yes or no"),
    ],
)
def test_override_that_does_not_fit_is_refused_by_name(overrides: Mapping[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        with_overrides(DEFAULT_POLICY, overrides)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "version must be a whole number"),
        ({"version": 0}, "version must be a whole number"),
        ({"version": 1, "programs": {}}, "no programs"),
        ({"version": 1, "programmes": []}, "programmes must be a group"),
        ({"version": 1, "general": None}, "general must be a group"),
    ],
)
def test_policy_data_that_does_not_fit_is_refused(data: Mapping[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        from_data(data)


SCALARS = st.sampled_from([None, "", "x", "08:30", "always", -1, 0, 3, 1.5, True, False, b"x", time(8, 30)])
ANYTHING = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(SCALARS, SCALARS, max_size=2)


@given(key=st.sampled_from([one.name for one in fields(ProgrammePolicy)]), value=ANYTHING)
def test_override_with_any_value_is_taken_or_refused(key: str, value: object) -> None:
    try:
        policy = with_overrides(DEFAULT_POLICY, {"radar": {key: value}})
    except PolicyError:
        return
    assert from_data(to_data(policy)) == policy
