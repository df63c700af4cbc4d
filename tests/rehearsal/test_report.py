"""What is printed, and the JSON that programs read."""

import json
from datetime import datetime

from programme_tracker.rehearsal.effects import Effect
from programme_tracker.rehearsal.matching import Failure
from programme_tracker.rehearsal.report import Result, as_json, as_text
from programme_tracker.rehearsal.script import Line

NOON = datetime.fromisoformat("2026-09-01 12:00")
BOOKED = Effect(NOON, "sms", "booked", {"to": "sam", "session": "A"})
WANTED = Line("sms", "reminder", {"to": "sam"}, after=NOON, count=2, line=7)
FAILED = Result("a.yaml", "A", [BOOKED], [Failure("expect", WANTED, "nothing matched", (BOOKED,))])
HELD = Result("b.yaml", "B", [BOOKED])
BROKEN = Result("c.yaml", "C", fault="line 3: book broke")


def test_json_has_file_held_failures_and_effects() -> None:
    effect = {"at": "2026-09-01 12:00", "sms": "booked", "to": "sam", "session": "A"}
    assert json.loads(as_json([FAILED, HELD, BROKEN])) == [
        {
            "file": "a.yaml",
            "held": False,
            "failures": [
                {
                    "section": "expect",
                    "line": 7,
                    "wanted": {"sms": "reminder", "to": "sam", "after": "2026-09-01 12:00", "count": 2},
                    "message": "nothing matched",
                    "nearest": [effect],
                }
            ],
            "effects": [effect],
        },
        {"file": "b.yaml", "held": True, "failures": [], "effects": [effect]},
        {"file": "c.yaml", "held": False, "failures": [{"message": "line 3: book broke"}], "effects": []},
    ]


def test_json_of_nothing_is_an_empty_list() -> None:
    assert json.loads(as_json([])) == []


def test_text_shows_each_failure_with_what_came_nearest() -> None:
    assert as_text([FAILED, HELD, BROKEN]).splitlines() == [
        "FAILED a.yaml: A",
        "    line 7, expect {sms: reminder, to: sam, after: 2026-09-01 12:00, count: 2}: nothing matched",
        "        {at: 2026-09-01 12:00, sms: booked, to: sam, session: A}",
        "held   b.yaml: B",
        "FAILED c.yaml: C",
        "    line 3: book broke",
        "1 of 3 held",
    ]
