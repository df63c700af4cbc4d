"""Two people after the last place of a group at the same moment, in two processes, on both stores."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.scheduling.models import Booking
from programme_tracker.workflows.group_places import members_of
from programme_tracker.workflows.groups import join_group, wait_for_place
from programme_tracker.workflows.journeys import withdraw
from tests.factories.cases import Team
from tests.factories.groups import referred, weekly_group
from tests.processes import all_done, lines_of, quick_context, started
from tests.stores import Store
from tests.web.groups.joining import join

pytestmark = pytest.mark.each_store


def race(store: Store, folder: Path, group_id: int, people: list[int], team: Team) -> list[str]:
    """Let everybody be enrolled at once and return the answers."""
    now = clock.now()
    db.session.rollback()  # a read left open here would hold up every writer on SQLite
    context = quick_context()
    start = context.Barrier(len(people))
    given = (store.url, folder, now, group_id)
    assert all_done(*(started(context, join, *given, one, team.lead, start=start) for one in people))
    return sorted(lines_of(folder / "answers"))


def places_of(people: list[int]) -> int:
    live = select(func.count()).where(Booking.enrolment_id.in_(people), Booking.ended_at.is_(None))
    return db.session.scalar(live) or 0


def test_last_place_goes_to_one_and_the_other_is_told(
    app: Flask, team: Team, store: Store, tmp_path: Path
) -> None:
    with app.app_context():
        group_id = weekly_group(team, capacity=2)
        join_group(referred(team), group_id, actor=team.lead, now=clock.now())
        people = [referred(team, f"Man {number}") for number in range(2)]
        assert race(store, tmp_path, group_id, people, team) == ["enrolled", "full"]
        assert members_of(group_id) == 2 and places_of(people) == 20


def test_place_kept_for_somebody_who_waits_is_not_taken_by_another(
    app: Flask, team: Team, store: Store, tmp_path: Path
) -> None:
    with app.app_context():
        group_id, now = weekly_group(team, capacity=1), clock.now()
        leaving, waiting, other = (referred(team, name) for name in ("Ben One", "Wim Two", "Neil Three"))
        join_group(leaving, group_id, actor=team.lead, now=now)
        wait_for_place(waiting, group_id, actor=team.lead, now=now)
        withdraw(leaving, "moved away", actor=team.lead, now=now)
        assert race(store, tmp_path, group_id, [other, waiting], team) == ["enrolled", "full"]
        assert places_of([waiting]) == 20 and places_of([other]) == 0
