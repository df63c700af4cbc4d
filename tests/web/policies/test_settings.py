"""Every number of the policy has its words: none is ever shown or asked for by its name in the code."""

from dataclasses import fields
from datetime import time

import pytest

from programme_tracker.programmes.rules import DEFAULT_POLICY, GeneralPolicy, ProgrammePolicy
from programme_tracker.web.policies.drafts import read_draft, with_section, write_draft
from programme_tracker.web.policies.settings import EVERYWHERE, PROGRAMME, Setting, value_words
from programme_tracker.web.policies.views import trial_sentence
from programme_tracker.workflows.policy_trial import TrialLine


def test_every_number_is_named_once() -> None:
    assert set(PROGRAMME) == {one.name for one in fields(ProgrammePolicy)} - {"title"}
    assert set(EVERYWHERE) == {one.name for one in fields(GeneralPolicy)}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "off"),
        (True, "yes"),
        (False, "no"),
        (1, "1 day"),
        (0, "0 days"),
        ((7, 3, 1), "7, 3 and 1 days"),
        ((1,), "1 day"),
        ([], "none"),
        (time(18, 30), "6.30pm"),
    ],
)
def test_value_is_said_with_its_unit(value: object, said: str) -> None:
    assert value_words(Setting("Group", "Label", ("day", "days")), value) == said


def test_draft_comes_back_from_its_address() -> None:
    changes: dict[str, dict[str, object]] = {
        "general": {"text_opens": "10:00", "staffing_checks": False},
        "radar": {"reminder_days": [7, 1], "lateness": None, "sessions": 22, "allowed_dash": ["standard"]},
        "cara": {"mandated_session_missed": "if_mandated"},
    }
    assert read_draft(write_draft(changes), DEFAULT_POLICY) == changes


def test_section_put_back_as_it_was_leaves_the_draft() -> None:
    changes: dict[str, dict[str, object]] = {"radar": {"sessions": 22}, "linx": {"capacity": 8}}
    assert with_section(changes, DEFAULT_POLICY, "radar", {"sessions": 20}) == {"linx": {"capacity": 8}}


def test_trial_is_said_in_a_sentence() -> None:
    lines = [
        TrialLine("radar", "consecutive_absences", "red", 1, 4),
        TrialLine("linx", "consecutive_absences", "red", 0, 1),
        TrialLine("radar", "first_absence", "amber", 5, 3),
        TrialLine("linx", "lateness", "amber", 2, 2),
    ]
    assert trial_sentence(lines, DEFAULT_POLICY) == (
        "In the last 90 days it would have raised 4 more red flags: 3 × unexplained absences in a row "
        "on RADAR, 1 × unexplained absences in a row on LINX; and 2 fewer amber flags: "
        "2 × unexplained absence on RADAR."
    )
    assert "the same flags" in trial_sentence(lines[3:], DEFAULT_POLICY)
