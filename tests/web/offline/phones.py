"""A phone's side of the door, for tests: what it sends, and what it is told."""

from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient

from programme_tracker.attendance.queries import marks_of_session
from programme_tracker.kernel.database import db


def sheet(session_id: int | None, marks: dict[int, dict[str, str]], **given: str) -> dict[str, str]:
    """Return a submission's body under a new id, seen at the first version unless ``given``."""
    fields = {f"m-{who}-{name}": value for who, row in marks.items() for name, value in row.items()}
    return {"about": str(session_id), "token": uuid4().hex, "seen_version": "1"} | fields | given


def hand_in(client: FlaskClient, body: Any, session_id: int | None = None) -> tuple[int, dict[str, Any]]:
    """Send a body to the door and return the status and what it says."""
    number = body["about"] if session_id is None else session_id
    answer = client.post(f"/offline/sessions/{number}/register", json=body)
    told = answer.get_json()
    assert isinstance(told, dict), answer.text
    return answer.status_code, told


def standing(session_id: int | None) -> dict[int, str]:
    """Return the outcomes that stand for a session, by enrolment."""
    db.session.rollback()
    return {mark.enrolment_id: mark.outcome for mark in marks_of_session(session_id or 0)}
