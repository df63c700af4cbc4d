"""Who is alerted by what, when, and in which words."""

from datetime import datetime

import pytest

from programme_tracker.accounts.rules import is_email
from programme_tracker.alerts.rules import (
    MUST_HEAR,
    Reach,
    Wishes,
    about_of,
    alert_key,
    alert_words,
    digest_channels,
    next_digest,
    role_of,
    urgent_channels,
)
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.working_time import WorkingCalendar, from_local
from programme_tracker.messaging.rules import Channel

EMAIL, SMS = Channel.EMAIL, Channel.SMS
BOTH = frozenset({EMAIL, SMS})
NEITHER = Wishes(urgent_by_email=False, urgent_by_text=False)


@pytest.mark.parametrize(
    ("wishes", "reach", "role", "told_by"),
    [
        (Wishes(), Reach(BOTH), Role.CASEWORKER, [EMAIL, SMS]),
        (Wishes(urgent_by_text=False), Reach(BOTH), Role.POLICE, [EMAIL]),
        (Wishes(urgent_by_text=False), Reach(frozenset({SMS})), Role.POLICE, [SMS]),
        (Wishes(urgent_by_text=False), Reach(BOTH, frozenset({EMAIL})), Role.POLICE, [EMAIL, SMS]),
        (Wishes(), Reach(BOTH, frozenset({EMAIL})), Role.POLICE, [EMAIL, SMS]),
        (Wishes(), Reach(frozenset()), Role.VICTIM_SAFETY, []),
        (NEITHER, Reach(BOTH), Role.VICTIM_SAFETY, [EMAIL, SMS]),
        (NEITHER, Reach(BOTH), Role.CASEWORKER, []),
    ],
)
def test_urgent_alert_goes_as_wished_and_never_nowhere(
    wishes: Wishes, reach: Reach, role: Role, told_by: list[Channel]
) -> None:
    assert urgent_channels(wishes, reach, {role}) == told_by


def test_nobody_who_must_hear_can_be_left_without_an_urgent_alert() -> None:
    for role in MUST_HEAR:
        for by_email in (True, False):
            for by_text in (True, False):
                wishes = Wishes(by_email, by_text, None)
                for there in (frozenset({EMAIL}), frozenset({SMS}), BOTH):
                    assert urgent_channels(wishes, Reach(there), {role})


def test_digest_goes_by_mail_to_those_who_want_one() -> None:
    assert digest_channels(Wishes(), Reach(BOTH)) == [EMAIL]
    assert digest_channels(Wishes(digest_hour=None), Reach(BOTH)) == []
    assert digest_channels(Wishes(), Reach(frozenset({SMS}))) == []


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        ("2026-09-01 08:59", "2026-09-01 09:00"),
        ("2026-09-01 09:00", "2026-09-02 09:00"),
        ("2026-09-04 12:00", "2026-09-07 09:00"),
        ("2026-08-28 17:00", "2026-09-01 09:00"),  # Monday is a bank holiday
        ("2026-10-23 12:00", "2026-10-26 09:00"),  # the clocks go back in between
    ],
)
def test_digest_waits_for_the_next_working_day_at_its_hour(now: str, goes: str) -> None:
    moment = from_local(datetime.fromisoformat(now))
    assert next_digest(moment, 9, WorkingCalendar()) == from_local(datetime.fromisoformat(goes))


@pytest.mark.parametrize(
    ("notices", "tasks", "told"),
    [
        (1, 0, "You have 1 new notice.\nSign in to read it: https://x.org/"),
        (3, 0, "You have 3 new notices.\nSign in to read them: https://x.org/"),
        (0, 1, "You have 1 new task.\nSign in to read it: https://x.org/"),
        (2, 1, "You have 2 new notices and 1 new task.\nSign in to read them: https://x.org/"),
    ],
)
def test_alert_says_how_many_and_nothing_else(notices: int, tasks: int, told: str) -> None:
    assert alert_words(notices, tasks, "https://x.org/") == told


def test_key_tells_what_an_alert_speaks_of() -> None:
    assert about_of(alert_key(EMAIL, 7, "notice:51")) == ("notice", 51)


def test_role_behind_an_address_is_the_one_that_answers() -> None:
    assert role_of("lead") is Role.CASEWORKER
    assert role_of("victim_safety") is Role.VICTIM_SAFETY


@pytest.mark.parametrize("address", ["pat@example.org", "sean.o'brien+alerts@mail.example.org"])
def test_address_for_mail_is_taken(address: str) -> None:
    assert is_email(address)


@pytest.mark.parametrize(
    "address",
    ["pat", "pat@", "pat@example", "a b@example.org", "a@b.org, c@d.org", "a@b.org\nBcc:x@y.org", ""],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert not is_email(address)
