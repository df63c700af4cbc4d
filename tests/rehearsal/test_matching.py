"""Expectations against effects."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.programmes.rules import DEFAULT_POLICY
from programme_tracker.rehearsal.effects import Effect
from programme_tracker.rehearsal.matching import failures, matches, nearest
from programme_tracker.rehearsal.script import Line, Script

NOON = datetime.fromisoformat("2026-09-01 12:00")
MINUTE = timedelta(minutes=1)
BOOKED = Effect(NOON, "sms", "booked", {"to": "sam", "session": "A"})
REMINDED = Effect(NOON + MINUTE, "sms", "reminder", {"to": "sam", "session": "A"})
FLAGGED = Effect(NOON, "flag", "lateness", {"enrolment": "sam-cara", "level": "amber"})
EFFECTS = [BOOKED, REMINDED, FLAGGED]


def script(expect: list[Line], never: list[Line]) -> Script:
    return Script("t.yaml", "t", NOON, NOON, DEFAULT_POLICY, {}, {}, (), tuple(expect), tuple(never))


@pytest.mark.parametrize(
    ("line", "count"),
    [
        (Line("sms", "booked"), 1),
        (Line("sms", "*"), 2),
        (Line("flag", "*"), 1),
        (Line("sms", "*", {"to": "sam"}), 2),
        (Line("sms", "*", {"to": "pam"}), 0),
        (Line("sms", "*", {"to": "*"}), 2),
        (Line("sms", "*", {"staff": "*"}), 0),
        (Line("sms", "*", at=NOON), 1),
        (Line("sms", "*", after=NOON), 1),
        (Line("sms", "*", before=NOON + MINUTE), 1),
        (Line("sms", "*", after=NOON, before=NOON + MINUTE), 0),
        (Line("notice", "*"), 0),
    ],
)
def test_matches_asks_for_every_field_given(line: Line, count: int) -> None:
    assert sum(matches(line, effect) for effect in EFFECTS) == count


def test_failures_of_lines_that_hold_are_none() -> None:
    expect = [Line("sms", "booked"), Line("sms", "*", count=2), Line("notice", "*", count=0)]
    assert failures(script(expect, [Line("notice", "*")]), EFFECTS) == []


def test_failures_name_the_count_that_differs() -> None:
    [failure] = failures(script([Line("sms", "*", count=3)], []), EFFECTS)
    assert failure.message == "2 matched, 3 expected"
    assert failure.nearest == (BOOKED, REMINDED)


def test_failures_show_what_must_never_have_happened() -> None:
    [failure] = failures(script([], [Line("sms", "*", after=NOON)]), EFFECTS)
    assert (failure.section, failure.nearest) == ("never", (REMINDED,))


def test_nearest_puts_the_best_agreement_first() -> None:
    wanted = Line("sms", "reminder", {"to": "pam", "session": "A"}, at=NOON)
    assert nearest(wanted, EFFECTS) == (REMINDED, BOOKED)


def test_nearest_of_a_kind_that_never_came_is_nothing() -> None:
    assert nearest(Line("notice", "breach"), EFFECTS) == ()


words = st.sampled_from(["a", "b", "c"])
moments = st.integers(0, 5).map(lambda minutes: NOON + minutes * MINUTE)
effects = st.builds(
    Effect,
    moments,
    st.sampled_from(["sms", "flag"]),
    words,
    st.dictionaries(st.sampled_from(["to", "session"]), words),
)


@given(effects, st.data())
def test_a_line_drawn_from_an_effect_matches_it(effect: Effect, data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(effect.fields)))) if effect.fields else set()
    fields = {name: data.draw(st.sampled_from([effect.fields[name], "*"])) for name in names}
    value = data.draw(st.sampled_from([effect.value, "*"]))
    at = data.draw(st.sampled_from([effect.at, None]))
    line = Line(effect.kind, value, fields, at, before=effect.at + MINUTE, after=effect.at - MINUTE)
    assert matches(line, effect)


@given(effects, words)
def test_bounds_exclude_their_own_moment(effect: Effect, value: str) -> None:
    assert not matches(Line(effect.kind, "*", before=effect.at), effect)
    assert not matches(Line(effect.kind, "*", after=effect.at), effect)


@given(st.lists(effects, max_size=6), effects)
def test_expecting_and_forbidding_one_thing_never_both_hold(happened: list[Effect], effect: Effect) -> None:
    line = Line(effect.kind, effect.value, effect.fields)
    assert len(failures(script([line], [line]), happened)) == 1


@given(st.lists(effects, max_size=6), effects)
def test_a_count_holds_for_exactly_the_number_that_match(happened: list[Effect], effect: Effect) -> None:
    number = sum(matches(Line(effect.kind, "*"), one) for one in happened)
    held = [not failures(script([Line(effect.kind, "*", count=count)], []), happened) for count in range(8)]
    assert held.index(True) == number and sum(held) == 1
