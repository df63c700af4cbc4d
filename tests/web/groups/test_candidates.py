"""The list behind ``Enrol somebody``: accepted, signed off, without a place."""

from flask import Flask
from sqlalchemy import event

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.workflows.groups import join_group
from tests.factories.cases import ODD_NAME, Team
from tests.factories.groups import referred, weekly_group

ESCAPED = "Sam O&#39;Brien-Łukasz"


def test_enrol_somebody_lists_only_those_who_are_signed_off_and_without_a_place(
    app: Flask, team: Team
) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        waits = referred(team, ODD_NAME)
        placed = referred(team, "Placed Person")
        join_group(placed, group_id, actor=team.lead, now=clock.now())
        referred(team, "Unsigned Person", signed_off=False)
        client = team.client(app, "lead")
        link = f"/groups/{group_id}/enrol"
        assert link in client.get(f"/groups/{group_id}").text
        page = client.get(link).text
        assert ESCAPED in page and f"/enrolments/{waits}/group/{group_id}" in page
        assert "Placed Person" not in page and "Unsigned Person" not in page


def test_enrol_somebody_leads_to_the_waiting_list_when_the_group_is_full(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team, capacity=1)
        join_group(referred(team, "Placed Person"), group_id, actor=team.lead, now=clock.now())
        waits = referred(team, ODD_NAME)
        page = team.client(app, "lead").get(f"/groups/{group_id}/enrol").text
        assert "Every place in the group is taken" in page
        assert f'href="/enrolments/{waits}/group"' in page


def test_enrol_somebody_says_so_when_nobody_waits_and_is_for_those_who_book(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        link = f"/groups/{group_id}/enrol"
        assert "waits for this programme" in team.client(app, "lead").get(link).text
        assert team.client(app, "facilitator").get(link).status_code in {403, 404}


def test_enrol_somebody_asks_no_more_of_the_database_for_more_people(app: Flask, team: Team) -> None:
    with app.app_context():
        group_id = weekly_group(team)
        client = team.client(app, "lead")
        counts = []
        for number in range(3):
            referred(team, f"Person {number}")
            seen: list[str] = []

            def note(_c: object, _k: object, statement: str, *_rest: object, seen: list[str] = seen) -> None:
                seen.append(statement)

            # Twice: what is looked up once a transaction, and the note of who looked, are not the list's.
            for _ in range(2):
                client.get(f"/groups/{group_id}/enrol")
            event.listen(db.engine, "before_cursor_execute", note)
            client.get(f"/groups/{group_id}/enrol")
            event.remove(db.engine, "before_cursor_execute", note)
            counts.append(len(seen))
        assert counts[0] == counts[2], counts
