import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.attendance.rules import Outcome
from programme_tracker.engagement.rules import Finding, Sitting, Standing, absence_streak, findings
from programme_tracker.programmes.rules import DEFAULT_POLICY, MandateRule, ProgrammePolicy

FIRST_DAY = date(2026, 9, 3)

#: One letter for each outcome, so that a history can be read at a glance.
LETTERS: dict[str, Outcome] = {
    "a": Outcome.ATTENDED,
    "l": Outcome.ATTENDED_LATE,
    "e": Outcome.LEFT_EARLY,
    "h": Outcome.SENT_HOME,
    "r": Outcome.REFUSED_LATE,
    "x": Outcome.ABSENT,
    "u": Outcome.ABSENT_UNACCEPTABLE,
    "c": Outcome.ABSENT_ACCEPTABLE,
    "p": Outcome.EXCUSED_PROVIDER,
    "s": Outcome.EXCUSED_SUSPENDED,
}


def sitting(number: int, letter: str, on: date, **more: Any) -> Sitting:
    """Build session ``number``; a capital letter stands for an assessment."""
    return Sitting(
        session_id=number,
        starts_at=datetime.combine(on, time(18, 30), UTC),
        on=on,
        outcome=LETTERS[letter.lower()],
        is_assessment=letter.isupper(),
        **more,
    )


def weekly(history: str) -> list[Sitting]:
    """Build sessions 1, 2, … a week apart from a history such as ``axxa``."""
    return [sitting(n, letter, FIRST_DAY + timedelta(weeks=n - 1)) for n, letter in enumerate(history, 1)]


def standing(programme: str = "radar", **more: Any) -> Standing:
    return Standing(policy=DEFAULT_POLICY.programmes[programme], **more)


def found(history: str, programme: str = "radar", **more: Any) -> list[tuple[str, str, int | None]]:
    return [(f.rule, f.level, f.session_id) for f in findings(weekly(history), standing(programme, **more))]


@pytest.mark.parametrize(
    ("history", "streak"),
    [("", 0), ("x", 1), ("xx", 2), ("xax", 1), ("xcx", 2), ("xpsx", 2), ("xl", 0), ("xe", 0), ("hru", 3)],
)
def test_absence_streak(history: str, streak: int) -> None:
    assert absence_streak([LETTERS[letter] for letter in history]) == streak


@pytest.mark.parametrize(
    ("programme", "history", "expected"),
    [
        ("radar", "aaa", []),
        ("radar", "x", [("first_absence", "amber", 1)]),
        ("radar", "xx", [("first_absence", "amber", 1), ("consecutive_absences", "red", 2)]),
        ("radar", "xcx", [("first_absence", "amber", 1), ("consecutive_absences", "red", 3)]),
        ("radar", "xpx", [("first_absence", "amber", 1), ("consecutive_absences", "red", 3)]),
        ("radar", "xax", [("first_absence", "amber", 1), ("first_absence", "amber", 3)]),
        (
            "radar",
            "xaxax",
            [("first_absence", "amber", 1), ("first_absence", "amber", 3), ("absences_in_window", "red", 5)],
        ),
        (
            "radar",
            "xpxpaxa",
            [
                ("first_absence", "amber", 1),
                ("consecutive_absences", "red", 3),
                ("absences_in_window", "red", 6),
            ],
        ),
        ("radar", "lal", [("lateness", "amber", 3)]),
        ("radar", "laaaaal", []),
        ("radar", "lapaaal", [("lateness", "amber", 7)]),
        ("radar", "cc", [("acceptable_absences", "amber", 2)]),
        ("radar", "caaac", []),
        ("radar", "caac", [("acceptable_absences", "amber", 4)]),
        ("baseline", "xx", [("first_absence", "amber", 1), ("first_absence", "amber", 2)]),
        (
            "baseline",
            "xxx",
            [
                ("first_absence", "amber", 1),
                ("first_absence", "amber", 2),
                ("consecutive_absences", "red", 3),
            ],
        ),
        ("baseline", "ll", []),
        ("linx", "xx", [("first_absence", "amber", 1), ("consecutive_absences", "red", 2)]),
        ("linx", "xaxax", [("first_absence", "amber", n) for n in (1, 3, 5)]),
        ("cara", "ax", [("mandated_session_missed", "red", 2)]),
        ("cara", "c", [("mandated_session_missed", "red", 1)]),
        ("cara", "r", [("mandated_session_missed", "red", 1)]),
        ("cara", "h", [("mandated_session_missed", "red", 1)]),
        ("cara", "aleps", []),
    ],
)
def test_findings_of_a_history(programme: str, history: str, expected: list[tuple[str, str, int]]) -> None:
    assert found(history, programme) == expected


def test_third_absence_in_a_row_is_disengaged_and_more() -> None:
    assert {rule for rule, _, session_id in found("xxx") if session_id == 3} == {
        "disengaged",
        "consecutive_absences",
        "absences_in_window",
    }


@pytest.mark.parametrize("more", [{"risk": "high"}, {"is_priority": True, "risk": "standard"}])
@pytest.mark.parametrize("programme", ["radar", "baseline", "awareness"])
def test_one_absence_at_high_risk_is_red_and_swallows_the_amber(
    programme: str, more: Mapping[str, Any]
) -> None:
    assert found("x", programme, **more) == [("absence_at_high_risk", "red", 1)]


def test_risk_that_rose_later_leaves_the_past_as_it_was() -> None:
    sittings = [sitting(1, "x", FIRST_DAY, is_high_risk=False)]
    assert [one.rule for one in findings(sittings, standing(risk="high"))] == ["first_absence"]


def test_mandate_attached_later_leaves_the_past_as_it_was() -> None:
    sittings = [sitting(1, "x", FIRST_DAY, is_mandated=False)]
    assert [one.rule for one in findings(sittings, standing(is_mandated=True))] == ["first_absence"]


@pytest.mark.parametrize("programme", sorted(DEFAULT_POLICY.programmes))
@pytest.mark.parametrize("history", ["x", "c", "r"])
def test_mandated_miss_is_red_whatever_the_reason(programme: str, history: str) -> None:
    assert found(history, programme, is_mandated=True) == [("mandated_session_missed", "red", 1)]


def test_missed_assessment_is_amber_then_red_and_no_absence() -> None:
    assert found("XaXx") == [
        ("assessment_missed", "amber", 1),
        ("assessment_missed", "red", 3),
        ("first_absence", "amber", 4),
    ]


def test_missed_assessment_is_no_mandated_miss() -> None:
    assert found("X", "cara") == [("assessment_missed", "amber", 1)]


def test_attended_assessment_does_not_end_the_streak() -> None:
    assert ("consecutive_absences", "red", 3) in found("xAx")


def test_evidence_names_every_session_that_counts() -> None:
    (_, red) = findings(weekly("axcx"), standing())
    assert red.evidence == (2, 4)


def test_findings_do_not_depend_on_the_order_given() -> None:
    history = weekly("xaxlxcl")
    assert findings(reversed(history), standing()) == findings(history, standing())


# A second, naive statement of the rules: over letters, with regular expressions and counting.

MISSES = "hrux"


def naive_streak(letters: str) -> int:
    """Drop whatever says nothing; the misses at the very end are the streak."""
    telling = re.sub("[cps]", "", letters)
    tail = re.search(f"[{MISSES}]*$", telling)
    return len(tail.group()) if tail else 0


def numbers(kept: list[tuple[int, str, date]], letters: str) -> list[int]:
    return [number for number, letter, _ in kept if letter in letters]


def naive_reds(
    kept: list[tuple[int, str, date]], policy: ProgrammePolicy, high: bool, mandated: bool
) -> Iterator[tuple[str, list[int]]]:
    """Say what red the last of the sessions in ``kept`` causes."""
    last = kept[-1][1]
    streak = naive_streak("".join(letter for _, letter, _ in kept))
    in_streak = numbers(kept, MISSES)[-streak:] if streak else []
    breach = policy.mandated_session_missed
    if last in MISSES + "c" and (breach == "always" or (breach == "if_mandated" and mandated)):
        yield "mandated_session_missed", [kept[-1][0]]
    if last not in MISSES:
        return
    for rule, threshold, holds in (
        ("disengaged", policy.disengaged_streak, True),
        ("consecutive_absences", policy.consecutive_absences, True),
        ("absence_at_high_risk", policy.absence_at_high_risk, high),
    ):
        if threshold and holds and streak >= threshold:
            yield rule, in_streak
    window = [one for one in kept if one[1] not in "ps"][-policy.absences_window :]
    if policy.absences_in_window and len(numbers(window, MISSES)) >= policy.absences_in_window:
        yield "absences_in_window", numbers(window, MISSES)


def naive_ambers(
    kept: list[tuple[int, str, date]], policy: ProgrammePolicy
) -> Iterator[tuple[str, list[int]]]:
    """Say what amber the last of the sessions in ``kept`` causes."""
    _, last, last_on = kept[-1]
    streak = naive_streak("".join(letter for _, letter, _ in kept))
    if last in MISSES and policy.first_absence and streak >= policy.first_absence:
        yield "first_absence", numbers(kept, MISSES)[-streak:]
    if last == "c" and policy.acceptable_absences:
        oldest = last_on - timedelta(days=policy.acceptable_absences_days - 1)
        recent = [number for number, letter, on in kept if letter == "c" and on >= oldest]
        if len(recent) >= policy.acceptable_absences:
            yield "acceptable_absences", recent
    if last == "l" and policy.lateness:
        window = [one for one in kept if one[1] not in "ps"][-policy.lateness_window :]
        if len(numbers(window, "l")) >= policy.lateness:
            yield "lateness", numbers(window, "l")


def naive_assessment(missed: list[int], policy: ProgrammePolicy) -> list[tuple[str, str, list[int]]]:
    for level, threshold in (
        ("red", policy.assessment_missed_red),
        ("amber", policy.assessment_missed_amber),
    ):
        if threshold and len(missed) >= threshold:
            return [("assessment_missed", level, missed)]
    return []


def naive_findings(history: list[tuple[str, date]], state: Standing) -> set[tuple[str, str, tuple[int, ...]]]:
    """Say what is found over a history of letters and dates; capitals are assessments."""
    answer: list[tuple[str, str, list[int]]] = []
    kept: list[tuple[int, str, date]] = []
    missed: list[int] = []
    high = state.risk == "high" or state.is_priority
    for number, (letter, on) in enumerate(history, 1):
        if letter.isupper():
            if letter.lower() in MISSES:
                missed = [*missed, number]
                answer += naive_assessment(missed, state.policy)
            continue
        kept.append((number, letter, on))
        reds = [(rule, "red", ids) for rule, ids in naive_reds(kept, state.policy, high, state.is_mandated)]
        ambers = [(rule, "amber", ids) for rule, ids in naive_ambers(kept, state.policy)]
        answer += reds or ambers
    return {(rule, level, tuple(ids)) for rule, level, ids in answer}


THRESHOLD = st.none() | st.integers(1, 4)


@st.composite
def policies(draw: st.DrawFn) -> ProgrammePolicy:
    """Build the six programmes' policies and any others."""
    policy = DEFAULT_POLICY.programmes[draw(st.sampled_from(sorted(DEFAULT_POLICY.programmes)))]
    if draw(st.booleans()):
        return policy
    return replace(
        policy,
        first_absence=draw(THRESHOLD),
        acceptable_absences=draw(THRESHOLD),
        acceptable_absences_days=draw(st.integers(1, 60)),
        lateness=draw(THRESHOLD),
        lateness_window=draw(st.integers(1, 8)),
        consecutive_absences=draw(THRESHOLD),
        absences_in_window=draw(THRESHOLD),
        absences_window=draw(st.integers(1, 8)),
        absence_at_high_risk=draw(THRESHOLD),
        disengaged_streak=draw(THRESHOLD),
        mandated_session_missed=draw(st.none() | st.sampled_from(MandateRule)),
        assessment_missed_amber=draw(THRESHOLD),
        assessment_missed_red=draw(THRESHOLD),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, date]]:
    """Build up to 25 sessions, mostly misses, some of them assessments, some on one day."""
    letters = draw(st.text(alphabet="aalehruxxxccpsXXA", max_size=25))
    day, history = FIRST_DAY, []
    for letter in letters:
        day += timedelta(days=draw(st.integers(0, 16)))
        history.append((letter, day))
    return history


@given(
    history=histories(),
    policy=policies(),
    risk=st.sampled_from(["standard", "medium", "high"]),
    is_priority=st.booleans(),
    is_mandated=st.booleans(),
)
def test_findings_agree_with_the_naive_statement(
    history: list[tuple[str, date]], policy: ProgrammePolicy, risk: str, is_priority: bool, is_mandated: bool
) -> None:
    state = Standing(policy=policy, risk=risk, is_priority=is_priority, is_mandated=is_mandated)
    sittings = [sitting(number, letter, on) for number, (letter, on) in enumerate(history, 1)]
    actual = findings(sittings, state)
    assert {(f.rule, f.level, f.evidence) for f in actual} == naive_findings(history, state)
    assert len(actual) == len(set(actual))
    assert all(f.session_id == f.evidence[-1] and f.takes_effect_at is None for f in actual)


@given(history=histories(), policy=policies(), extra=st.sampled_from("ps"), at=st.integers(0, 25))
def test_neutral_session_changes_no_finding(
    history: list[tuple[str, date]], policy: ProgrammePolicy, extra: str, at: int
) -> None:
    state = Standing(policy=policy, risk="high", is_mandated=True)
    sittings = [sitting(number, letter, on) for number, (letter, on) in enumerate(history, 1)]
    place = min(at, len(sittings))
    on = sittings[place - 1].on if place else FIRST_DAY
    later = [replace(one, session_id=one.session_id + 1) for one in sittings[place:]]

    def shape(found_ones: list[Finding]) -> list[tuple[str, str, int]]:
        return [(f.rule, f.level, len(f.evidence)) for f in found_ones]

    assert shape(findings([*sittings[:place], sitting(place + 1, extra, on), *later], state)) == shape(
        findings(sittings, state)
    )


@given(history=histories(), policy=policies())
def test_later_sessions_never_change_earlier_findings(
    history: list[tuple[str, date]], policy: ProgrammePolicy
) -> None:
    sittings = [sitting(number, letter, on) for number, (letter, on) in enumerate(history, 1)]
    state = Standing(policy=policy, risk="high")
    whole = findings(sittings, state)
    for count in range(len(sittings) + 1):
        assert findings(sittings[:count], state) == [f for f in whole if (f.session_id or 0) <= count]


def test_ambers_that_a_red_swallows_are_there_when_asked_for() -> None:
    """A flag of an earlier absence stays true while a red covers it; one of another rule does not."""
    missed = findings(weekly("lx"), standing(risk="high"), keep_swallowed=True)
    assert [(one.rule, one.session_id) for one in missed] == [
        ("absence_at_high_risk", 2),
        ("first_absence", 2),
    ]
    twice = findings(weekly("xx"), standing(), keep_swallowed=True)
    assert ("first_absence", 2) in [(one.rule, one.session_id) for one in twice]
    assert ("first_absence", 2) not in [
        (one.rule, one.session_id) for one in findings(weekly("xx"), standing())
    ]
