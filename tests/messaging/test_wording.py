"""What our texts say."""

from datetime import datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme_tracker.messaging.rules import MessageKind
from programme_tracker.messaging.texts import gsm7_segments, is_gsm7, problems_of
from programme_tracker.messaging.wording import (
    SESSION_KINDS,
    Template,
    WordingError,
    check_template,
    clock_words,
    read_template,
    render,
    staff_alert,
)

EVENING = datetime(2026, 11, 26, 18, 30)  # noqa: DTZ001 - a wall time is what it takes
CALLBACK = "01632 960001"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            "booked",
            "Your appointment is Thu 26 Nov 6.30pm. Reply 1 if coming, 2 to be called. Queries 01632 960001.",
        ),
        (
            "reminder",
            "Reminder: appointment Thu 26 Nov 6.30pm. Reply 1 if coming, 2 to be called."
            " Queries 01632 960001.",
        ),
        (
            "changed",
            "Your appointment has moved to Thu 26 Nov 6.30pm. Reply 1 if coming, 2 to be called."
            " Queries 01632 960001.",
        ),
        ("cancelled", "Your appointment on Thu 26 Nov 6.30pm is not going ahead. Queries 01632 960001."),
    ],
)
def test_text_says_day_time_and_number(kind: str, body: str) -> None:
    wording = render(MessageKind(kind), starts_local=EVENING, callback=CALLBACK)
    assert (wording.body, wording.template_version) == (body, 1)


def test_changed_text_can_say_what_it_was() -> None:
    before = EVENING.replace(day=24, hour=11, minute=0)
    body = render(MessageKind.CHANGED, starts_local=EVENING, callback=CALLBACK, moved_from=before).body
    assert body.startswith("Your appointment on Tue 24 Nov 11am has moved to Thu 26 Nov 6.30pm.")


@given(st.sampled_from(SESSION_KINDS), st.datetimes(), st.text(max_size=200))
def test_text_is_one_discreet_segment_whenever_and_for_whomever(
    kind: MessageKind, starts: datetime, first_name: str
) -> None:
    body = render(kind, starts_local=starts, callback=CALLBACK, first_name=first_name, moved_from=starts).body
    assert is_gsm7(body)
    assert gsm7_segments(body) == 1
    assert problems_of(body) == []


@pytest.mark.parametrize(
    ("name", "opening"),
    [
        ("Sam", "Sam: Reminder"),
        ("Cara", "Reminder"),
        ("Siôn", "Reminder"),
        ("x" * 90, "Reminder"),
        ("", "Reminder"),
    ],
)
def test_first_name_is_left_out_where_it_would_harm(name: str, opening: str) -> None:
    body = render(MessageKind.REMINDER, starts_local=EVENING, callback=CALLBACK, first_name=name).body
    assert body.startswith(opening)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (time(0), "12 midnight"),
        (time(0, 5), "12.05am"),
        (time(9), "9am"),
        (time(12), "12 noon"),
        (time(12, 30), "12.30pm"),
        (time(18, 30), "6.30pm"),
    ],
)
def test_time_is_said_as_people_text_it(moment: time, words: str) -> None:
    assert clock_words(moment) == words


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Your CARA appointment is {when}.", "CARA"),
        ("Court on {when}.", "court"),
        ("Come {when}, or there will be consequences.", "consequence"),
        ("See https://example.org/{when}", "link"),
        ("Don’t forget {when}", "plain letters"),
        ("Come {when}. " + "Please. " * 20, "longer"),
        ("Come {whenever}", "no placeholder"),
        ("Come {}", "no placeholder"),
        ("Come {when.__class__}", "no placeholder"),
        ("Come {when", "closed"),
    ],
)
def test_template_that_may_not_be_used_is_refused(text: str, says: str) -> None:
    with pytest.raises(WordingError, match=says):
        check_template(text)


def test_template_file_without_its_version_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "default.txt"
    path.write_text("Come {when}\n")
    with pytest.raises(WordingError, match=r"default\.txt.*version"):
        read_template(path)


def test_template_file_with_a_banned_word_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "default.txt"
    path.write_text("version 2\nPolice, {when}\n")
    with pytest.raises(WordingError, match=r"default\.txt.*police"):
        read_template(path)


def test_template_file_gives_text_and_version(tmp_path: Path) -> None:
    path = tmp_path / "default.txt"
    path.write_text("version 12\nCome {when}\n")
    assert read_template(path) == Template("Come {when}", 12)


def test_text_that_would_not_be_discreet_is_not_made() -> None:
    templates = {MessageKind.BOOKED: Template("Come {when}", 1)}
    with pytest.raises(WordingError):
        render(
            MessageKind.BOOKED,
            starts_local=EVENING,
            callback="",
            templates={MessageKind.BOOKED: Template("Probation {when}", 1)},
        )
    assert render(MessageKind.BOOKED, starts_local=EVENING, callback="", templates=templates).body


def test_staff_alert_tells_nothing_but_that_there_is_something() -> None:
    assert (
        staff_alert(1, "https://t.example.org").body
        == "You have 1 new notice. Sign in: https://t.example.org"
    )
    assert staff_alert(3, "https://t.example.org").body.startswith("You have 3 new notices.")
