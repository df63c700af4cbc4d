"""Workers and requests killed at random moments: nothing lost, nothing doubled (product.md §12.3, §12.6).

``TEST_KILLS`` sets how many kills each store suffers; ``make kill-test`` runs the long campaign.
"""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from programme_tracker.engagement.models import Flag
from programme_tracker.escalation.models import Case, Notice
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message, MessageChange
from programme_tracker.tasks.models import Task
from tests import ready
from tests.factories.cases import CaraCase, cara_case, sam
from tests.factories.records import is_whole
from tests.processes import all_done, lines_of, quick_context, started, submit, work
from tests.ready import wall
from tests.stores import Store

pytestmark = pytest.mark.each_store
case, sqlite_template, postgresql_template = ready.case, ready.sqlite_template, ready.postgresql_template

KILLS = int(os.environ.get("TEST_KILLS", "25"))
#: A kill comes before one of so many first steps of a process; a piece of work has about as many.
STEPS = 150

AFTER_A = wall("2026-09-12 15:10")
#: When something falls due: texts, victim safety's chase, the deadline, police's chase, the manager's.
MOMENTS = [
    wall("2026-09-01 09:00"),
    wall("2026-09-11 10:00"),
    wall("2026-09-14 13:00"),
    wall("2026-09-14 17:00"),
    wall("2026-09-15 17:00"),
    wall("2026-09-16 17:00"),
]

#: A process's work, and what it is given.
Piece = tuple[Callable[..., None], tuple[Any, ...]]


class Killer:
    """Does pieces of work together in processes that die at random steps, and lets them end at last."""

    def __init__(self, seed: int) -> None:
        self.context = quick_context()
        self.chance = random.Random(seed)
        self.killed = 0

    def run(self, pieces: list[Piece], kills: int) -> None:
        """Do all ``pieces`` at once, again and again until ``kills`` died or nothing is left to do."""
        enough = self.killed + kills
        for _ in range(kills):
            if self.killed >= enough:
                break
            processes = [
                started(self.context, target, *given, die_at=self.chance.randint(1, STEPS))
                for target, given in pieces
            ]
            for process in processes:
                process.join()
                assert process.exitcode in {0, -signal.SIGKILL}
                self.killed += process.exitcode != 0
        assert all_done(*(started(self.context, target, *given) for target, given in pieces))


def test_nothing_is_lost_or_doubled_by_kills(case: CaraCase, store: Store, tmp_path: Path) -> None:
    sessions = (case.session_a_id, case.session_b_id)
    person = sam(name="Lee Invented", mobile="07700 900102")
    everybody = [case, cara_case(case.team, person=person, sessions=sessions)]
    db.session.rollback()
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown by pytest when the test fails
    killer = Killer(seed)
    absent = {one.enrolment_id: "absent" for one in everybody}
    for number, (moment, kills) in enumerate(_plan(KILLS)):
        if moment == AFTER_A:
            given = (store.url, tmp_path, moment, case.session_a_id, absent, "sheet", case.team.facilitator)
            pieces: list[Piece] = [(submit, given), (submit, given)]
        else:
            pieces = [(work, (store.url, tmp_path, moment))] * 2
        killer.run(pieces, kills)
        assert is_whole(), f"step {number}"
    _check(everybody, tmp_path)


def _plan(kills: int) -> list[tuple[datetime, int]]:
    """Share the kills out over the moments, a good part to the register."""
    register = kills // 3
    each, left = divmod(kills - register, len(MOMENTS))
    shares = [(moment, each + (number < left)) for number, moment in enumerate(MOMENTS)]
    return sorted([*shares, (AFTER_A, register)])


def _check(everybody: list[CaraCase], folder: Path) -> None:
    answers = Counter(lines_of(folder / "answers"))
    assert set(answers) <= {"sheet submitted", "sheet again"}
    assert answers["sheet submitted"] <= 1, "or none, if it died before it could say so"
    for one in everybody:
        assert _about(Flag, one, Flag.rule) == {"mandated_session_missed": 1}
        assert _about(Case, one, Case.enrolment_id) == {one.enrolment_id: 1}
        told = Counter(
            (kind, to)
            for kind, to, released_at in db.session.execute(
                select(Notice.kind, Notice.to_role, Notice.released_at).where(
                    Notice.enrolment_id == one.enrolment_id
                )
            )
            if released_at is not None
        )
        assert told == {
            ("breach", "victim_safety"): 1,
            ("breach", "police"): 1,
            ("breach", "lead"): 1,
            ("chase", "victim_safety"): 1,
            ("chase", "manager"): 2,  # about victim safety's notice, and two days later about police's
            ("chase", "police"): 1,
        }
        assert _about(Task, one, Task.kind)["partner_contact"] == 1
    _check_texts(folder)


def _about(model: Any, case: CaraCase, column: Any) -> Counter[Any]:
    return Counter(db.session.scalars(select(column).where(model.enrolment_id == case.enrolment_id)))


def _check_texts(folder: Path) -> None:
    """See that each text went once, or that its row says that nobody knows."""
    sent = Counter(int(line) for line in lines_of(folder / "texts"))
    assert set(sent.values()) == {1}
    lost = set(
        db.session.scalars(select(MessageChange.message_id).where(MessageChange.to_state == "unknown"))
    )
    for message in db.session.scalars(select(Message)):
        if message.state.value in {"accepted", "sent", "delivered"}:
            assert sent[message.id] == 1
        elif message.id not in lost:
            assert sent[message.id] == 0, message.state
    assert db.session.scalars(select(Message.id).where(Message.state == "sending")).all() == []
