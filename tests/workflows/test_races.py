"""Two people at once, in two processes, on both stores: one wins and the other is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from programme_tracker.attendance.models import Mark, RegisterSubmission
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import transaction
from programme_tracker.scheduling.models import Booking, Session
from tests import ready
from tests.factories.cases import CaraCase, cara_case, sam
from tests.factories.records import flags, is_whole, notices
from tests.processes import (
    all_done,
    correct_all,
    decide_all,
    lines_of,
    quick_context,
    started,
    submit,
    take_place,
    work,
)
from tests.ready import wall
from tests.stores import Store

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

AFTER_A = wall("2026-09-12 15:10")
DEADLINE = wall("2026-09-14 17:00")


def together(*works: tuple[Callable[..., None], tuple[Any, ...]]) -> bool:
    """Run all at once, a process each; tell whether all ended well."""
    db.session.rollback()  # a read left open here would hold up every writer on SQLite
    context = quick_context()
    start = context.Barrier(len(works))
    return all_done(*(started(context, target, *given, start=start) for target, given in works))


def rows_of(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def another(case: CaraCase, number: int, *, booked: bool = True) -> CaraCase:
    sessions = (case.session_a_id, case.session_b_id)
    person = sam(name=f"Invented {number}", mobile=f"07700 90020{number}")
    return cara_case(case.team, person=person, sessions=sessions, booked=booked)


def test_two_registers_at_once_are_one_and_the_other_is_told(
    case: CaraCase, store: Store, tmp_path: Path
) -> None:
    common = (store.url, tmp_path, AFTER_A, case.session_a_id)
    actor = case.team.facilitator
    one, two = ({case.enrolment_id: outcome} for outcome in ("absent", "attended"))
    assert together((submit, (*common, one, "one", actor)), (submit, (*common, two, "two", actor)))
    answers = sorted(line.split()[1] for line in lines_of(tmp_path / "answers"))
    assert answers == ["not_allowed", "submitted"]
    assert rows_of(RegisterSubmission) == rows_of(Mark) == 1
    assert is_whole()


def test_same_register_sent_four_times_at_once_is_one(case: CaraCase, store: Store, tmp_path: Path) -> None:
    given = (store.url, tmp_path, AFTER_A, case.session_a_id, {case.enrolment_id: "absent"}, "same")
    assert together(*[(submit, (*given, case.team.facilitator))] * 4)
    answers = sorted(line.split()[1] for line in lines_of(tmp_path / "answers"))
    assert answers == ["again", "again", "again", "submitted"]
    assert rows_of(RegisterSubmission) == rows_of(Mark) == 1
    assert flags(case.enrolment_id) == [("mandated_session_missed", "red", "open")]
    assert len(notices(case.enrolment_id, "breach")) == 3
    assert is_whole()


def test_last_place_goes_to_one(case: CaraCase, store: Store, tmp_path: Path, clock: SettableClock) -> None:
    others = [another(case, number, booked=False) for number in range(3)]
    with transaction():
        db.session.get_one(Session, case.session_a_id).capacity = 2
    given = [
        (store.url, tmp_path, clock.now(), case.session_a_id, one.enrolment_id, case.team.lead)
        for one in others
    ]
    assert together(*((take_place, one) for one in given))
    assert sorted(lines_of(tmp_path / "answers")) == ["booked", "full", "full"]
    live = select(func.count()).where(Booking.session_id == case.session_a_id, Booking.ended_at.is_(None))
    assert db.session.scalar(live) == 2
    assert is_whole()


def test_workers_at_once_do_each_thing_once(case: CaraCase, store: Store, tmp_path: Path) -> None:
    everybody = all_absent(case, store, tmp_path)
    later = wall("2026-09-14 18:00")
    assert together(*[(work, (store.url, tmp_path, later))] * 3)
    for enrolment_id in everybody:
        breaches = notices(enrolment_id, "breach")
        assert [notice.to_role for notice in breaches] == ["victim_safety", "police", "lead"]
        assert all(notice.released_at for notice in breaches)
        assert len(notices(enrolment_id, "chase")) == 2
    assert is_whole()


def all_absent(case: CaraCase, store: Store, folder: Path) -> list[int]:
    """Book two more people; nobody comes. Return everybody's enrolment."""
    everybody = [case.enrolment_id, *(another(case, number).enrolment_id for number in range(2))]
    absent = dict.fromkeys(everybody, "absent")
    submit(store.url, folder, AFTER_A, case.session_a_id or 0, absent, "register", case.team.facilitator)
    return everybody


def test_decision_and_deadline_at_once_release_each_notice_once(
    case: CaraCase, store: Store, tmp_path: Path
) -> None:
    everybody = all_absent(case, store, tmp_path)
    assert together(
        (decide_all, (store.url, tmp_path, DEADLINE, everybody, case.team.worker)),
        (work, (store.url, tmp_path, DEADLINE)),
        (work, (store.url, tmp_path, DEADLINE)),
    )
    for enrolment_id in everybody:
        assert all(notice.released_at == DEADLINE for notice in notices(enrolment_id, "breach", "police"))
    assert is_whole()


def test_correction_and_deadline_at_once_leave_nobody_misinformed(
    case: CaraCase, store: Store, tmp_path: Path
) -> None:
    everybody = all_absent(case, store, tmp_path)
    people = (case.team.facilitator, case.team.manager)
    assert together(
        (correct_all, (store.url, tmp_path, DEADLINE, case.session_a_id, everybody, *people)),
        (work, (store.url, tmp_path, DEADLINE)),
    )
    for enrolment_id in everybody:
        for notice in notices(enrolment_id, "breach"):
            corrections = [one for one in notices(enrolment_id, "correction") if one.about_id == notice.id]
            told = notice.released_at is not None
            assert told is (notice.cancelled_at is None)
            assert len(corrections) == told
        assert flags(enrolment_id) == [("mandated_session_missed", "red", "recorded_in_error")]
    assert is_whole()


def test_workers_at_once_send_each_text_once(
    case: CaraCase, store: Store, tmp_path: Path, clock: SettableClock
) -> None:
    for number in range(3):
        another(case, number)
    assert together(*[(work, (store.url, tmp_path, clock.now()))] * 3)
    sent = lines_of(tmp_path / "texts")
    assert len(sent) == len(set(sent)) == 8
    assert is_whole()
