from datetime import date, time

import pytest

from programme_tracker.attendance.rules import Outcome
from programme_tracker.kernel.working_time import at_local
from programme_tracker.web.registers.marks import (
    Sitting,
    Typed,
    hidden_fields,
    read_row,
    read_rows,
    typed_row,
)

DAY = date(2026, 11, 26)
EVENING = Sitting(at_local(DAY, time(18, 30)), 15, marker_id=3, now=at_local(DAY, time(20)))
CARA = Sitting(at_local(DAY, time(18, 30)), 0, marker_id=3, now=at_local(DAY, time(20)))


@pytest.mark.parametrize(
    ("arrived", "sitting", "outcome"),
    [
        ("18:25", EVENING, Outcome.ATTENDED),
        ("6.30", EVENING, Outcome.ATTENDED),
        ("6.45pm", EVENING, Outcome.ATTENDED_LATE),
        ("1846", EVENING, Outcome.REFUSED_LATE),
        ("18:31", CARA, Outcome.REFUSED_LATE),
    ],
)
def test_arrival_decides_the_outcome(arrived: str, sitting: Sitting, outcome: Outcome) -> None:
    details = read_row(Typed(arrived=arrived), sitting).details
    assert details is not None
    assert details.outcome is outcome
    assert details.arrived_at is not None


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        (Typed(), "outcome", "Choose an outcome"),
        (Typed(note="Nobody answered the door"), "outcome", "Choose an outcome"),
        (Typed(outcome="excused_provider"), "outcome", "one of the outcomes shown"),
        (Typed(outcome="made up"), "outcome", "one of the outcomes shown"),
        (Typed(arrived="soon"), "arrived", "for example 18:40"),
        (Typed(arrived="20:30"), "arrived", "8.30pm is still to come"),
        (Typed(outcome="absent", arrived="18:40"), "arrived", "“Absent” has no time of arrival"),
        (Typed(outcome="attended", arrived="18:40"), "arrived", "means “Attended late”"),
        (Typed(outcome="left_early"), "note", "short note"),
        (Typed(outcome="absent_acceptable", evidence="Letter"), "reason", "Choose the reason"),
        (Typed(outcome="absent_acceptable", reason="medical"), "evidence", "hospital letter"),
        (Typed(outcome="absent", reason="whim"), "reason", "from the list"),
    ],
)
def test_row_that_lacks_something_says_what_beside_the_field(typed: Typed, field: str, said: str) -> None:
    row = read_row(typed, EVENING)
    assert row.details is None
    assert said in row.errors[field]


def test_arrival_beside_what_agrees_is_kept() -> None:
    for outcome in ("attended_late", "left_early"):
        details = read_row(Typed(outcome=outcome, arrived="18:40", note="Unwell"), EVENING).details
        assert details is not None
        assert (details.outcome.value, details.note) == (outcome, "Unwell")
        assert details.arrived_at == at_local(DAY, time(18, 40))


def test_typed_row_reads_its_own_fields_only() -> None:
    sent = {"m-1-outcome": " absent ", "m-11-outcome": "attended", "m-1-note": "O’Brien <rang>"}
    assert typed_row(sent, 1) == Typed(outcome="absent", note="O’Brien <rang>")
    rows = read_rows(sent, [1, 11], EVENING)
    assert dict(hidden_fields(rows)) == {
        "m-1-outcome": "absent",
        "m-1-note": "O’Brien <rang>",
        "m-11-outcome": "attended",
    }
