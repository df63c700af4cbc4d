"""A month of Baseline as its caseworker works it, in the browser from end to end."""

import re
from datetime import datetime

from flask import Flask

from programme_tracker.kernel.working_time import from_local
from programme_tracker.scheduling.queries import live_bookings
from tests.factories import records
from tests.factories.voluntary import Enrolled, move_on, wall


class Caseworker:
    """Somebody who signs in anew each day and works by pages alone."""

    def __init__(self, app: Flask, case: Enrolled) -> None:
        self.app, self.case = app, case
        self.person = f"/enrolments/{case.enrolment_id}"

    def at(self, now: datetime) -> None:
        """Let time pass, as the worker would see it."""
        move_on(now)
        self.client = self.case.client(self.app)

    def page(self, path: str) -> str:
        """Open a page."""
        answer = self.client.get(path)
        assert answer.status_code == 200, path
        return answer.text

    def send(self, path: str, **typed: str) -> str:
        """Send a form as its page gave it, with what is typed over it."""
        given = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page(path)))
        given |= {name.replace("__", "-"): value for name, value in typed.items()}
        answer = self.client.post(path, data=given, follow_redirects=True)
        assert answer.status_code == 200, re.findall(r"<li>(.*?)</li>", answer.text)
        return answer.text

    def record(self, session_id: int, outcome: str, book: datetime | None = None) -> str:
        """Record an appointment and, where a time is given, book the next one with it."""
        following = day_and_time(book) if book else {}
        chosen = "yes" if book else "no"
        path = f"/week/sessions/{session_id}/record"
        return self.send(path, outcome=outcome, book_next=chosen, **following)


def day_and_time(at: datetime) -> dict[str, str]:
    return {
        "on__day": str(at.day),
        "on__month": str(at.month),
        "on__year": str(at.year),
        "starts": f"{at:%H:%M}",
    }


def met(case: Enrolled) -> list[int]:
    return [booking.session_id for booking in live_bookings(case.enrolment_id)]


def test_month_from_the_first_booking_to_completion(app: Flask, case: Enrolled) -> None:
    desk = Caseworker(app, case)
    desk.at(wall(9, 1, 12))
    weekly = f"{desk.person}/appointments/"
    assert weekly in desk.page(desk.person)
    asked = {"kind": "one_to_one", "weeks": "5", "venue": "Room 1", **day_and_time(wall(9, 3))}
    assert "Thu 1 Oct" in desk.send(weekly, **asked)
    assert "Five appointments booked" in desk.send(weekly, confirmed="yes", **asked)
    first, second, third, fourth, fifth = met(case)

    desk.at(wall(9, 3, 11))
    assert "attended." in desk.record(first, "attended")

    # He does not come, and does not answer: the follow-up task, and the days go on.
    desk.at(wall(9, 10, 10, 20))
    token = re.search(r'name="token" value="(\w+)"', desk.page("/week/"))
    assert token is not None
    no_show = f"/week/sessions/{second}/no-show"
    missed = desk.client.post(no_show, data={"token": token[1]}, follow_redirects=True)
    assert "No-show recorded" in missed.text
    assert records.flags(case.enrolment_id) == [("first_absence", "amber", "open")]
    said = desk.send(f"{desk.person}/contacts", kind="call", outcome="no_answer")
    assert "Nobody was reached, so the time goes on." in said
    assert "it counts as a red flag on Thu 17 Sep, 9am." in said
    assert "Sam O&#39;Brien-Łukasz" in desk.page("/contacts/")
    reach_him_and_move(desk, third)
    complete_and_lead_on(desk, case, third, fourth, fifth)
    assert {level for _, level, _ in records.flags(case.enrolment_id)} == {"amber"}
    assert records.is_whole()


def reach_him_and_move(desk: Caseworker, third: int) -> None:
    """Visit him: the days start anew, and he asks for Friday."""
    desk.at(wall(9, 14, 15))
    assert "on Mon 28 Sep, 9am" in desk.send(f"{desk.person}/contacts", kind="visit", outcome="spoke")
    moved = desk.send(
        f"/week/sessions/{third}/reschedule",
        asked_by="participant",
        why="a shift",
        **day_and_time(wall(9, 18)),
    )
    assert "Moved to Fri 18 Sep, 10am." in moved
    assert "Moved from Thu 17 Sep, 10am" in moved


def complete_and_lead_on(desk: Caseworker, case: Enrolled, third: int, fourth: int, fifth: int) -> None:
    """Attend the rest, each with the next one booked, until he is judged ready for a group."""
    desk.at(wall(9, 18, 11))
    recorded = desk.record(third, "attended_late", wall(10, 8))
    assert "Next appointment: Thu 8 Oct, 10am." in recorded
    for day, month, session_id in ((24, 9, fourth), (1, 10, fifth)):
        desk.at(wall(month, day, 11))
        desk.record(session_id, "attended")
    assert "missing, so it cannot be completed yet" in desk.page(f"{desk.person}/leaving/")
    sixth = met(case)[-1]
    desk.at(wall(10, 8, 11))
    desk.record(sixth, "attended", wall(10, 15))
    desk.at(wall(10, 15, 11))
    desk.record(met(case)[-1], "attended", wall(10, 22))
    assert records.enrolment(case.enrolment_id).status == "attending"
    done = desk.send(f"{desk.person}/leaving/complete", group_ready="y")
    assert "Completed." in done
    assert records.enrolment(case.enrolment_id).status == "completed"
    assert from_local(wall(10, 22)) not in [one.session.starts_at for one in live_bookings(case.enrolment_id)]
    assert "attended six appointments on" in desk.page(f"{desk.person}/leaving/certificate")
    assert (
        "Referred on to RADAR."
        in desk.client.post(f"{desk.person}/leaving/refer-on", follow_redirects=True).text
    )
