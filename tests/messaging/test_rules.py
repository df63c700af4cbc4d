"""The life cycle, and the hours for texts."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.messaging.rules import (
    FOLLOWS,
    NEWS,
    MessageState,
    inside_window,
    may_follow,
    next_inside,
    next_state,
    state_of_status,
)

S = MessageState
LONDON = ZoneInfo("Europe/London")
a_state = st.sampled_from(list(S))
some_news = st.lists(st.sampled_from(NEWS), min_size=1, max_size=8)


def after(state: MessageState, news: list[MessageState]) -> MessageState:
    for word in news:
        state = next_state(state, word)
    return state


def test_every_state_has_its_row() -> None:
    assert set(FOLLOWS) == set(S)


@given(a_state, some_news, st.randoms(use_true_random=False))
def test_news_ends_in_one_state_in_whatever_order_it_comes(start: S, news: list[S], chance: Random) -> None:
    shuffled = list(news)
    chance.shuffle(shuffled)
    assert after(start, news) == after(start, shuffled)


@given(a_state, some_news)
def test_news_never_moves_a_message_back(start: S, news: list[S]) -> None:
    state, path = start, [start]
    for word in news:
        state = next_state(state, word)
        path.append(state)
    told = [NEWS.index(s) for s in path if s in NEWS]
    assert all(earlier <= later for earlier, later in pairwise(told))
    assert next_state(state, news[-1]) is state


@given(a_state, some_news)
def test_news_takes_only_steps_of_the_life_cycle(start: S, news: list[S]) -> None:
    for word in news:
        following = next_state(start, word)
        assert following is start or may_follow(start, following)
        start = following


@pytest.mark.parametrize("state", [S.DELIVERED, S.BLOCKED, S.CANCELLED])
def test_news_about_a_message_that_never_went_or_arrived_changes_nothing(state: S) -> None:
    assert {next_state(state, news) for news in NEWS} == {state}


def test_news_of_a_text_we_mean_to_send_again_keeps_it_from_going_twice() -> None:
    assert next_state(S.PLANNED, S.ACCEPTED) is S.ACCEPTED
    assert next_state(S.UNKNOWN, S.SENT) is S.SENT


def test_next_state_refuses_what_no_provider_says() -> None:
    with pytest.raises(ValueError, match="no provider"):
        next_state(S.SENDING, S.PLANNED)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", S.ACCEPTED),
        ("accepted", S.ACCEPTED),
        ("sending", S.ACCEPTED),
        ("Sent", S.SENT),
        ("delivered", S.DELIVERED),
        ("undelivered", S.UNDELIVERED),
        ("failed", S.FAILED),
        ("teleported", None),
        ("", None),
    ],
)
def test_delivery_status_means_a_state(status: str, state: S | None) -> None:
    assert state_of_status(status) is state


def london(day: int, hour: int, minute: int = 0, second: int = 0, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        (london(1, 8, 59, 59), False),
        (london(1, 9), True),
        (london(1, 20), True),
        (london(1, 20, 0, 1), False),
        (london(1, 23), False),
        # The clocks go back on 25 October: nine o'clock is another instant the day after.
        (london(24, 9, month=10), True),
        (london(24, 9, month=10) + timedelta(days=1), False),
        (london(25, 9, month=10), True),
    ],
)
def test_window_has_both_ends(moment: datetime, inside: bool) -> None:
    assert inside_window(moment) is inside


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        (london(1, 12), london(1, 12)),
        (london(1, 6), london(1, 9)),
        (london(1, 20, 0, 1), london(2, 9)),
        (london(24, 22, month=10), london(25, 9, month=10)),
    ],
)
def test_next_inside_waits_for_nine_in_london(moment: datetime, then: datetime) -> None:
    assert next_inside(moment) == then
