"""A RADAR group through the browser: from its making to week five, a cancelled night and a transfer."""

import re
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from programme_tracker.escalation.models import Notice
from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.working_time import to_local
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageState
from programme_tracker.scheduling.models import Group, Session
from tests.factories.accounts import make_staff
from tests.factories.cases import ODD_NAME, Team, go_to
from tests.factories.groups import referred

ESCAPED = "Sam O&#39;Brien-Łukasz"
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([\w-]+)" value="([^"]*)"')


class Evening:
    """One group, its team's browsers, and what is done with them week by week."""

    def __init__(self, app: Flask, team: Team) -> None:
        self.app, self.team = app, team

    def post(self, who: str, path: str, **typed: Any) -> Any:
        """Open a page, send its hidden fields back with what is typed, and follow."""
        client = self.team.client(self.app, who)
        page = client.get(path)
        hidden = dict(HIDDEN.findall(page.text)) if page.status_code == 200 else {}
        return client.post(path, data=hidden | typed, follow_redirects=True)

    def page(self, who: str, path: str) -> str:
        """Return a page's text."""
        answer = self.team.client(self.app, who).get(path)
        assert answer.status_code == 200, path
        return str(answer.text)

    def make_group(self, day: int, month: int, starts: str) -> int:
        """Make a group: what is asked, then its dates, then the button."""
        client = self.team.client(self.app, "lead")
        typed = {
            "programme": "radar",
            "on-day": str(day),
            "on-month": str(month),
            "on-year": "2026",
            "starts": starts,
            "venue": f"Room {day}",
            "first": str(self.team.facilitator.staff_id),
            "second": str(self.team.lead.staff_id),
        }
        dates = client.post("/groups/new", data=typed)
        assert dates.status_code == 200 and "20 sessions" in dates.text
        made = client.post("/groups/new", data=dict(HIDDEN.findall(dates.text)) | {"confirmed": "yes"})
        assert made.status_code == 303
        return int(made.location.rsplit("/", 1)[1])

    def session(self, group_id: int, number: int) -> Session:
        """Return the group's session of a week."""
        sessions = db.session.get_one(Group, group_id).sessions
        return next(one for one in sessions if one.number == number)

    def hold(self, group_id: int, number: int, **outcomes: str) -> str:
        """Go to the end of a night and submit its register; return the receipt."""
        session = self.session(group_id, number)
        ended_at = session.starts_at + timedelta(minutes=session.minutes)
        go_to(to_local(ended_at).replace(tzinfo=None))
        marks = {f"m-{key[1:]}-outcome": outcome for key, outcome in outcomes.items()}
        answer = self.post("facilitator", f"/sessions/{session.id}/register", **marks)
        assert "Register submitted." in answer.text
        return str(answer.text)

    def cells(self, who: str, group_id: int, name: str) -> str:
        """Return one person's letters, oldest first."""
        page = self.page(who, f"/groups/{group_id}")
        row = next(part for part in page.split("<tr>") if f">{name}<" in part and "letter" in part)
        return "".join(re.findall(r'class="letter [\w-]+" aria-hidden="true">([^<]+)<', row))


def cancel_third_night(evening: Evening, group_id: int) -> None:
    """Cancel a night: victim safety hears first, and nobody has an absence."""
    third = evening.session(group_id, 3)
    answer = evening.post("lead", f"/sessions/{third.id}/cancel", reason="Boiler broken")
    assert "Session cancelled." in answer.text
    told = db.session.scalars(select(Notice).where(Notice.kind == "programme_change")).all()
    assert {notice.staff_id for notice in told} == {evening.team.worker.staff_id}
    go_to(to_local(third.starts_at).replace(tzinfo=None) + timedelta(days=1))


def change_group(evening: Evening, person: int, old: int, new: int) -> None:
    """Move somebody to another night, having read what follows."""
    path = f"/enrolments/{person}/group/{new}"
    asked = evening.page("lead", path)
    assert "Victim safety is told the new night now: Mondays, 6pm, from Mon 5 Oct." in asked
    assert "Topics done stay done: 1, 4." in asked and "Topics owed in the new group: 2–3." in asked
    client = evening.team.client(evening.app, "lead")
    moved = client.post(f"{path}/transfer", data=dict(HIDDEN.findall(asked)), follow_redirects=True)
    assert "Moved to Monday RADAR" in moved.text
    kinds = db.session.scalars(select(Notice.kind).where(Notice.enrolment_id == person)).all()
    assert "transferred" in kinds
    stale = select(Message).join(Session, Session.id == Message.session_id)
    stale = stale.where(Session.group_id == old, Session.starts_at > clock.now())
    planned = stale.where(Message.enrolment_id == person, Message.state == MessageState.PLANNED)
    assert db.session.scalars(planned).all() == []


def test_radar_group_from_its_making_to_week_five(app: Flask, team: Team) -> None:
    with app.app_context():
        evening = Evening(app, team)
        thursday, monday = evening.make_group(10, 9, "6.30pm"), evening.make_group(14, 9, "18:00")
        sam = referred(team, ODD_NAME, mobile="07700 900101")
        ben, late = referred(team, "Ben Dummy"), referred(team, "Neil Novel")
        for person in (sam, ben):
            answer = evening.post("lead", f"/enrolments/{person}/group/{thursday}", first="1")
            assert "is enrolled in Thursday RADAR: 20 sessions, first Thu 10 Sep, 6.30pm." in answer.text

        evening.hold(thursday, 1, **{f"e{sam}": "attended", f"e{ben}": "attended"})
        evening.hold(thursday, 2, **{f"e{sam}": "absent", f"e{ben}": "attended_late"})
        assert evening.cells("facilitator", thursday, ESCAPED).startswith("AX")
        cancel_third_night(evening, thursday)

        answer = evening.post("lead", f"/enrolments/{late}/group/{thursday}", first="4")
        assert "17 sessions, first Thu 1 Oct, 6.30pm" in answer.text
        assert "<span>1–3</span>" in evening.page("lead", f"/groups/{thursday}")
        evening.hold(thursday, 4, **{f"e{sam}": "attended", f"e{ben}": "absent", f"e{late}": "attended"})
        change_group(evening, sam, thursday, monday)

        runs = [team.facilitator.staff_id, make_staff(name="Cover Person").id]
        answer = evening.post("lead", f"/sessions/{evening.session(thursday, 5).id}/cover", staff=runs)
        assert "Cover Person and Fay Facilitator will run it." in answer.text
        evening.hold(thursday, 5, **{f"e{ben}": "attended", f"e{late}": "attended"})
        assert evening.cells("facilitator", thursday, "Ben Dummy").startswith("ALCXA·")
        assert evening.cells("facilitator", thursday, "Neil Novel").startswith("–––AA·")
        assert evening.cells("lead", thursday, ESCAPED).startswith("AXCA–")
        assert "·" in evening.cells("lead", monday, ESCAPED)
        page = evening.page("lead", f"/groups/{thursday}")
        assert "not in the group now" in page and "Boiler broken" in page
