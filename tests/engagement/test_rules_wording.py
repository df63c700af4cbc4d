from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from programme_tracker.attendance.rules import Outcome
from programme_tracker.engagement.rules import (
    RULE_TITLES,
    Finding,
    Level,
    Rule,
    Sitting,
    Standing,
    explain,
    findings,
    time_finding,
)
from programme_tracker.programmes.rules import DEFAULT_POLICY

FIRST_DAY = date(2026, 12, 17)
OUTCOMES = {
    "a": Outcome.ATTENDED,
    "l": Outcome.ATTENDED_LATE,
    "x": Outcome.ABSENT,
    "c": Outcome.ABSENT_ACCEPTABLE,
}


def said(history: str, programme: str = "radar", is_assessment: bool = False, **more: Any) -> list[str]:
    """Explain what the last of some weekly sessions caused."""
    policy = DEFAULT_POLICY.programmes[programme]
    days = [FIRST_DAY + timedelta(weeks=week) for week in range(len(history))]
    sittings = [
        Sitting(
            session_id=number,
            starts_at=datetime.combine(day, time(18, 30), UTC),
            on=day,
            outcome=OUTCOMES[letter],
            is_assessment=is_assessment,
        )
        for number, (letter, day) in enumerate(zip(history, days, strict=True))
    ]
    found = findings(sittings, Standing(policy=policy, **more))
    return [explain(one, sittings, policy) for one in found if one.session_id == len(history) - 1]


@pytest.mark.parametrize(
    ("history", "sentence"),
    [
        ("x", "One unexplained absence: Thu 17 Dec (rule: 1)"),
        ("cac", "Two acceptable absences: Thu 17 Dec and Thu 31 Dec (rule: 2 in 28 days)"),
        ("ll", "Late twice: Thu 17 Dec and Thu 24 Dec (rule: 2 in the last 6 sessions)"),
        (
            "lll",
            "Late 3 times: Thu 17 Dec, Thu 24 Dec and Thu 31 Dec (rule: 2 in the last 6 sessions)",
        ),
        ("xx", "Two unexplained absences in a row: Thu 17 Dec and Thu 24 Dec (rule: 2 in a row)"),
        (
            "xaxax",
            "Three unexplained absences: Thu 17 Dec, Thu 31 Dec and Thu 14 Jan "
            "(rule: 3 of the last 6 sessions)",
        ),
    ],
)
def test_explain_an_outcome_rule(history: str, sentence: str) -> None:
    assert said(history) == [sentence]


def test_explain_disengagement_by_absences() -> None:
    assert said("xxx")[0] == (
        "Three unexplained absences in a row, disengaged: "
        "Thu 17 Dec, Thu 24 Dec and Thu 31 Dec (rule: 3 in a row)"
    )


def test_explain_absence_at_high_risk() -> None:
    assert said("x", risk="high") == [
        "One unexplained absence at high risk or priority: Thu 17 Dec (rule: 1 at high risk or priority)"
    ]


def test_explain_mandated_miss() -> None:
    assert said("c", "cara") == ["Mandated session missed: Thu 17 Dec (rule: any miss, whatever the reason)"]


def test_explain_missed_assessments() -> None:
    assert said("xx", is_assessment=True) == [
        "Two missed assessments: Thu 17 Dec and Thu 24 Dec (rule: amber at 1, red at 2)"
    ]


def time_said(programme: str, **more: Any) -> list[str]:
    policy = DEFAULT_POLICY.programmes[programme]
    standing = Standing(policy=policy, **more)
    found = time_finding([], standing, datetime(2027, 6, 1, tzinfo=UTC))
    return [explain(one, [], policy) for one in found]


@pytest.mark.parametrize(("programme", "days"), [("baseline", 14), ("radar", 21)])
def test_explain_no_contact(programme: str, days: int) -> None:
    enrolled_at = datetime(2026, 12, 3, 10, tzinfo=UTC)
    assert time_said(programme, enrolled_at=enrolled_at) == [
        f"No attendance or contact since Thu 3 Dec (rule: {days} days)"
    ]


def test_explain_a_pair_that_no_longer_fits() -> None:
    assert time_said("cara", caution_expires_on=date(2027, 1, 1)) == [
        "From Sat 5 Dec the two workshops no longer fit before the caution expires "
        "(rule: at least 28 days from part A to part B)"
    ]


def test_explain_evidence_that_is_not_among_the_sessions_given() -> None:
    finding = Finding(rule=Rule.FIRST_ABSENCE, level=Level.AMBER, session_id=7, evidence=(7,))
    assert explain(finding, [], DEFAULT_POLICY.programmes["radar"]) == "One unexplained absence (rule: 1)"


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_a_title(rule: Rule) -> None:
    assert RULE_TITLES[rule]
