"""What a provider's errors mean and what to do about each: the table of sms.md, as data.

One classifier serves answers to our calls and delivery callbacks. Pure functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from programme_tracker.messaging.outcomes import Failed, Outcome, RetryAt, Unknown


class SignalKind(StrEnum):
    """What an error says about the message it came for."""

    NEVER_PROCESSED = "never_processed"
    SAFE = "safe"
    AMBIGUOUS = "ambiguous"
    CONFIGURATION = "configuration"
    SENDER = "sender"
    QUEUE_FULL = "queue_full"
    NUMBER = "number"
    STOPPED = "stopped"
    DEFECT = "defect"
    UNREACHABLE = "unreachable"
    PASSING = "passing"
    FILTERED = "filtered"
    PERMANENT = "permanent"


@dataclass(frozen=True)
class SignalRow:
    """One row of the table: signals alike in meaning, and what follows from them.

    ``delays`` are the waits before each further attempt; ``doubling`` goes on doubling the last
    until the message expires. ``pause`` holds all sending for so long. ``alarm`` tells the manager,
    ``suppress`` keeps the number from being used, ``task`` asks a person to act.
    """

    kind: SignalKind
    signals: frozenset[str]
    meaning: str
    delays: tuple[timedelta, ...] = ()
    doubling: bool = False
    spends_attempt: bool = True
    pause: timedelta | None = None
    alarm: bool = False
    suppress: bool = False
    task: bool = False


#: Signals of ours, for what happens before a provider can answer with a code of its own.
NOT_CONNECTED = "not_connected"
NO_ANSWER = "no_answer"

_QUARTER = timedelta(minutes=15)


def _minutes(*counts: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=count) for count in counts)


TABLE: tuple[SignalRow, ...] = (
    SignalRow(
        SignalKind.NEVER_PROCESSED,
        frozenset({"429", "20429"}),
        "too many requests at once",
        delays=(timedelta(seconds=30),),
        doubling=True,
    ),
    SignalRow(
        SignalKind.SAFE,
        frozenset({NOT_CONNECTED}),
        "the provider could not be reached",
        delays=_minutes(1, 5, 15),
        task=True,
    ),
    SignalRow(
        SignalKind.AMBIGUOUS,
        frozenset({NO_ANSWER, "20500"}),
        "the provider's answer was lost",
    ),
    SignalRow(
        SignalKind.CONFIGURATION,
        frozenset({"401", "20003", "20404", "30002", "21701", "21703", "21704", "21609"}),
        "our account at the provider is not set up",
        delays=(_QUARTER,),
        doubling=False,
        spends_attempt=False,
        pause=_QUARTER,
        alarm=True,
    ),
    SignalRow(
        SignalKind.SENDER,
        frozenset({"21408", "21606", "21612"}),
        "our sender cannot reach this destination",
        alarm=True,
        task=True,
    ),
    SignalRow(
        SignalKind.QUEUE_FULL,
        frozenset({"21611", "30001"}),
        "the provider's queue is full",
        delays=(_QUARTER,),
        spends_attempt=False,
        pause=_QUARTER,
    ),
    SignalRow(
        SignalKind.NUMBER,
        frozenset({"21211", "21614", "30005", "30006"}),
        "the number cannot get texts",
        suppress=True,
        task=True,
    ),
    SignalRow(
        SignalKind.STOPPED,
        frozenset({"21610"}),
        "the person has stopped texts",
        suppress=True,
        task=True,
    ),
    SignalRow(
        SignalKind.DEFECT,
        frozenset({"21602", "21617", "30019"}),
        "the text was empty or too long",
        alarm=True,
        task=True,
    ),
    SignalRow(
        SignalKind.UNREACHABLE,
        frozenset({"30003"}),
        "the phone was off or out of reach",
        delays=_minutes(120, 720),
        task=True,
    ),
    SignalRow(
        SignalKind.PASSING,
        frozenset({"30008", "30017", "30410", "30500"}),
        "a passing fault at the provider",
        delays=_minutes(30),
        task=True,
    ),
    SignalRow(
        SignalKind.FILTERED,
        frozenset({"30004", "30007"}),
        "the text was blocked or filtered: look at its wording",
        task=True,
    ),
)

#: Anything else: trying again would not help.
DEFAULT_ROW = SignalRow(
    SignalKind.PERMANENT, frozenset(), "the provider refused the message", alarm=True, task=True
)

#: What follows from each class.
ROWS: Mapping[SignalKind, SignalRow] = {row.kind: row for row in (*TABLE, DEFAULT_ROW)}

#: Signal → class, as it stands until somebody changes it.
KINDS: Mapping[str, SignalKind] = {signal: row.kind for row in TABLE for signal in row.signals}

#: The key of a signal table under which the class of every signal that is not in it stands.
DEFAULT_SIGNAL = "*"


class ProviderError(Exception):
    """A provider did not take a message, or may have and did not say so.

    ``signal`` is the provider's code, the HTTP status where there is no code, or one of ours.
    """

    def __init__(self, signal: str, *, http_status: int | None = None, detail: str = "") -> None:
        self.signal = signal
        self.http_status = http_status
        self.row = classify(signal, http_status)
        super().__init__(f"{signal}: {detail or self.row.meaning}")

    @property
    def kind(self) -> SignalKind:
        """Say what the error means for the message, by the table as it is delivered."""
        return self.row.kind

    def row_by(self, table: Mapping[str, SignalKind]) -> SignalRow:
        """Return what follows from the error by a table that people may have changed."""
        return classify(self.signal, self.http_status, table)


def classify(
    signal: str, http_status: int | None = None, table: Mapping[str, SignalKind] = KINDS
) -> SignalRow:
    """Return the row for a provider's signal; any answer of HTTP class 5xx is ambiguous.

    ``table`` gives each signal's class; under ``DEFAULT_SIGNAL`` it may hold that of all others.
    Twilio renumbers, so what stands for a whole HTTP class does not depend on a code.
    """
    if http_status is not None and http_status >= 500:
        return ROWS[SignalKind.AMBIGUOUS]
    if signal in table:
        return ROWS[table[signal]]
    if http_status == 429:
        return ROWS[SignalKind.NEVER_PROCESSED]
    return ROWS[table.get(DEFAULT_SIGNAL, SignalKind.PERMANENT)]


def outcome_of(
    error: ProviderError,
    *,
    attempts: int,
    now: datetime,
    jitter: float = 0.0,
    table: Mapping[str, SignalKind] = KINDS,
) -> Outcome:
    """Say how an attempt ended that raised ``error``; ``attempts`` counts this one.

    ``jitter``, from 0 to 1, lengthens a doubling wait by up to that share of itself.
    """
    row = error.row_by(table)
    if row.kind is SignalKind.AMBIGUOUS:
        return Unknown(row.meaning, error.signal)
    return after_refusal(row, error.signal, attempts=attempts, now=now, jitter=jitter)


def after_refusal(
    row: SignalRow, signal: str, *, attempts: int, now: datetime, jitter: float = 0.0
) -> Failed | RetryAt:
    """Say what follows when a message certainly did not arrive: the same for answers and callbacks.

    A class whose answers are ambiguous is certain in a callback: the provider says that it failed.
    """
    wait = _wait(row, attempts, jitter)
    if wait is None:
        return Failed(signal, row.meaning)
    return RetryAt(now + wait, row.meaning, signal, row.spends_attempt)


def _wait(row: SignalRow, attempts: int, jitter: float) -> timedelta | None:
    if not row.delays:
        return None
    if row.doubling:
        # A day at most, so that the figure stays one: the message expires long before.
        return min(row.delays[-1] * float(2 ** min(attempts - 1, 16)) * (1 + jitter), timedelta(days=1))
    if not row.spends_attempt:
        return row.delays[0]
    return row.delays[attempts - 1] if attempts <= len(row.delays) else None
