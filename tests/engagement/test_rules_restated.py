"""The rules against a naive second statement of each, over histories that Hypothesis makes up."""

from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
from hypothesis import given, settings

from programme_tracker.attendance.rules import Outcome
from programme_tracker.engagement.rules import (
    Sitting,
    Standing,
    absence_streak,
    findings,
    next_moment,
    time_finding,
)
from programme_tracker.programmes.rules import DEFAULT_POLICY
from tests.engagement import naive

START = datetime(2026, 9, 7, 17, 30, tzinfo=UTC)
OUTCOMES = st.sampled_from([outcome.value for outcome in Outcome])
PROGRAMMES = st.sampled_from(sorted(naive.TABLE))
DAYS = st.integers(0, 120)
thorough = settings(max_examples=300, deadline=None, derandomize=True)


def at(day: int) -> datetime:
    """Return an evening so many days after the start."""
    return START + timedelta(days=day)


def sittings_of(history: list[tuple[int, str]]) -> list[Sitting]:
    """Return sessions of (days since the one before, outcome)."""
    day, made = 0, []
    for number, (gap, outcome) in enumerate(history, start=1):
        day += gap
        on = at(day).astimezone(naive.LONDON).date()
        made.append(Sitting(session_id=number, starts_at=at(day), on=on, outcome=Outcome(outcome)))
    return made


HISTORIES = st.lists(st.tuples(st.integers(1, 30), OUTCOMES), min_size=1, max_size=14)


@thorough
@given(outcomes=st.lists(OUTCOMES, max_size=20))
def test_streak_is_the_naive_one(outcomes: list[str]) -> None:
    assert absence_streak([Outcome(outcome) for outcome in outcomes]) == naive.streak(outcomes)


@thorough
@given(history=HISTORIES, programme=PROGRAMMES, is_high=st.booleans(), is_mandated=st.booleans())
def test_every_session_finds_what_the_naive_rules_find(
    history: list[tuple[int, str]], programme: str, is_high: bool, is_mandated: bool
) -> None:
    sittings = sittings_of(history)
    standing = Standing(
        policy=DEFAULT_POLICY.programmes[programme],
        is_mandated=is_mandated,
        risk="high" if is_high else "medium",
    )
    found: dict[int, set[tuple[str, str]]] = {one.session_id: set() for one in sittings}
    for finding in findings(sittings, standing):
        found[finding.session_id or 0].add((finding.rule.value, finding.level.value))
    seen = [naive.Seen(one.on, one.outcome.value) for one in sittings]
    for count, sitting in enumerate(sittings, start=1):
        expected = naive.caused_by_last(seen[:count], programme, is_high=is_high, is_mandated=is_mandated)
        assert found[sitting.session_id] == expected


@st.composite
def spans(draw: st.DrawFn) -> list[tuple[int, int | None]]:
    """Draw suspensions one after another, as days; the last may still run."""
    day, made = 0, []
    for _ in range(draw(st.integers(0, 3))):
        start = day + draw(st.integers(1, 25))
        lasts = draw(st.one_of(st.none(), st.integers(1, 25)))
        made.append((start, None if lasts is None else start + lasts))
        if lasts is None:
            break
        day = start + lasts
    return made


@thorough
@given(
    programme=PROGRAMMES,
    first=st.one_of(st.none(), st.integers(0, 40)),
    came=st.lists(DAYS, max_size=3),
    spoken=st.lists(DAYS, max_size=3),
    suspended=spans(),
    today=DAYS,
)
def test_silence_is_found_on_the_naive_day(
    programme: str,
    first: int | None,
    came: list[int],
    spoken: list[int],
    suspended: list[tuple[int, int | None]],
    today: int,
) -> None:
    now = at(today)
    came, spoken = [day for day in came if day <= today], [day for day in spoken if day <= today]
    begun = [(start, end) for start, end in suspended if start <= today]
    lasting = [(start, None if end is None or end > today else end) for start, end in begun]
    standing = Standing(
        policy=DEFAULT_POLICY.programmes[programme],
        enrolled_at=START,
        first_booked_at=None if first is None else at(first),
        contacts=tuple(at(day) for day in spoken),
        suspensions=tuple((at(start), None if end is None else at(end)) for start, end in lasting),
    )
    sittings = sittings_of([(day, "attended") for day in came][:1])
    for day in came[1:]:
        sittings += [
            Sitting(session_id=100 + day, starts_at=at(day), on=local(day), outcome=Outcome.ATTENDED)
        ]
    expected = _expected(programme, first, came, spoken, lasting)
    found = time_finding(sittings, standing, now)
    assert [one.takes_effect_at for one in found] == ([expected] if expected and expected <= now else [])
    coming = next_moment(sittings, standing, now)
    assert coming == (expected if expected and expected > now else None)


def local(day: int) -> date:
    """Return the London date so many days after the start."""
    return at(day).astimezone(naive.LONDON).date()


def _expected(
    programme: str, first: int | None, came: list[int], spoken: list[int], away: list[tuple[int, int | None]]
) -> datetime | None:
    """Return the naive day, a silence that was over before a suspension began being over for good."""
    words: dict[str, object] = {
        "enrolled_at": START,
        "first_session_at": None if first is None else at(first),
        "came_at": [at(day) for day in came],
        "spoken_at": [at(day) for day in spoken],
    }
    if any(end is None for _, end in away):
        return None
    for count in range(len(away) + 1):
        days = [(local(start), None if end is None else local(end)) for start, end in away[:count]]
        due = naive.silent_from(programme, away=days, **words)  # type: ignore[arg-type]  # a dict of its keywords
        if due is None or count == len(away) or due <= at(away[count][0]):
            return due
    return None
