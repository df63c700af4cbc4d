"""Every row of the table of errors, and what follows from it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.messaging.outcomes import Failed, RetryAt, Unknown
from programme_tracker.messaging.providers.signals import (
    DEFAULT_ROW,
    TABLE,
    ProviderError,
    SignalKind,
    classify,
    outcome_of,
)

NOW = datetime(2026, 9, 1, 11, tzinfo=UTC)
K = SignalKind


@pytest.mark.parametrize(
    ("signals", "status", "kind"),
    [
        ("429 20429", 429, K.NEVER_PROCESSED),
        ("not_connected", None, K.SAFE),
        ("no_answer", None, K.AMBIGUOUS),
        ("20500", 500, K.AMBIGUOUS),
        ("500 502 503 504 21211", 503, K.AMBIGUOUS),
        ("20003 20404 30002 21701 21703 21704 21609", 400, K.CONFIGURATION),
        ("401", 401, K.CONFIGURATION),
        ("21408 21606 21612", 400, K.SENDER),
        ("21611 30001", 400, K.QUEUE_FULL),
        ("21211 21614 30005 30006", 400, K.NUMBER),
        ("21610", 400, K.STOPPED),
        ("21602 21617 30019", 400, K.DEFECT),
        ("30003", None, K.UNREACHABLE),
        ("30008 30017 30410 30500", None, K.PASSING),
        ("30004 30007", None, K.FILTERED),
        ("404 99999 nonsense", 404, K.PERMANENT),
    ],
)
def test_signal_has_its_kind(signals: str, status: int | None, kind: SignalKind) -> None:
    assert {classify(signal, status).kind for signal in signals.split()} == {kind}


def test_too_many_requests_is_known_by_its_status_too() -> None:
    assert classify("88888", 429).kind is K.NEVER_PROCESSED


def test_no_signal_stands_in_two_rows() -> None:
    signals = [signal for row in TABLE for signal in row.signals]
    assert len(signals) == len(set(signals))


@pytest.mark.parametrize("kind", [K.NUMBER, K.STOPPED])
def test_number_that_is_of_no_use_is_suppressed_and_given_to_a_person(kind: SignalKind) -> None:
    row = next(row for row in TABLE if row.kind is kind)
    assert row.suppress
    assert row.task


def test_default_row_fails_and_tells_people() -> None:
    assert (DEFAULT_ROW.delays, DEFAULT_ROW.alarm, DEFAULT_ROW.task) == ((), True, True)


def waits(signal: str, attempts: int) -> list[timedelta | None]:
    outcomes = [outcome_of(ProviderError(signal), attempts=n, now=NOW) for n in range(1, attempts + 1)]
    return [outcome.at - NOW if isinstance(outcome, RetryAt) else None for outcome in outcomes]


def test_waits_are_those_of_the_table() -> None:
    minute = timedelta(minutes=1)
    assert waits("429", 4) == [minute / 2, minute, 2 * minute, 4 * minute]
    assert waits("not_connected", 4) == [minute, 5 * minute, 15 * minute, None]
    assert waits("30008", 2) == [30 * minute, None]
    assert waits("30003", 3) == [120 * minute, 720 * minute, None]
    assert waits("21211", 1) == [None]


def test_fault_of_ours_spends_no_attempt_however_often() -> None:
    outcome = outcome_of(ProviderError("20003"), attempts=40, now=NOW)
    assert isinstance(outcome, RetryAt)
    assert not outcome.spends_attempt


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_doubling_wait_stays_within_a_day(attempts: int, jitter: float) -> None:
    outcome = outcome_of(ProviderError("429"), attempts=attempts, now=NOW, jitter=jitter)
    assert isinstance(outcome, RetryAt)
    assert timedelta(seconds=30) <= outcome.at - NOW <= timedelta(days=1)


@given(st.text(), st.integers(500, 599), st.integers(1, 50))
def test_server_fault_is_never_tried_again_unasked(signal: str, status: int, attempts: int) -> None:
    error = ProviderError(signal, http_status=status)
    assert isinstance(outcome_of(error, attempts=attempts, now=NOW), Unknown)


def test_refusal_keeps_the_providers_code() -> None:
    assert outcome_of(ProviderError("21211"), attempts=1, now=NOW) == Failed(
        "21211", "the number cannot get texts"
    )
