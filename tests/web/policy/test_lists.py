"""What lists, searches, counts, calendars and papers show is what pages open, and nothing of another's."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from icalendar import Calendar
from markupsafe import escape
from sqlalchemy import literal, select
from werkzeug.exceptions import HTTPException

from programme_tracker.accounts.models import Staff
from programme_tracker.escalation.models import Notice
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.scheduling.models import Session
from programme_tracker.tasks.models import Task
from programme_tracker.web.feeds.calendar import calendar_of
from tests.web.policy.cells import address, arguments, candidates
from tests.web.policy.scene import NOW, Person, Scene
from tests.web.policy.table import Row, rows
from tests.web.policy.targets import Target

_LINK = re.compile(r'(?:href|action)="(/[^"#?]*)')

_COUNT = re.compile(
    r'<h2>[^<]*<span class="count">(\d+)</span></h2>\s*<ul>(.*?)</ul>\s*</section>', re.DOTALL
)

#: How many links to one kind of page are followed from one list.
FOLLOWED = 4

#: What lists are asked for, beside showing themselves as they are.
ASKED = {
    "people.search": ("q=a", "q=900", "q=P00", "q=C/"),
    "week.show": ("of=1", "of=2"),
    "catch_ups.index": ("whose=team",),
    "trail.search": ("enrolment=1", "what=read"),
}

#: Papers and pages about one record that leave the room with somebody.
PAPERS = ("leaving.certificate", "registers.receipt", "people.enrolment", "referrals.show", "notices.show")


def lists(person: Person) -> Iterator[Row]:
    """Return the pages without a record in their address that somebody opens."""
    for row in rows():
        is_open = row.cells[person.role] != "–" and not row.is_public
        if row.method == "GET" and is_open and not arguments(row):
            yield row


def addresses(row: Row) -> Iterator[str]:
    """Return a list as it is, and what it is asked for."""
    yield row.address
    yield from (f"{row.address}?{query}" for query in ASKED.get(row.endpoint, ()))


def linked(scene: Scene, person: Person, page: str) -> Iterator[tuple[str, Row, Target]]:
    """Return the pages of records that a page links to: a few of each kind."""
    doors, known = scene.app.url_map.bind("localhost"), {(row.endpoint, row.method): row for row in rows()}
    counted: Counter[str] = Counter()
    answer = scene.ask(person, "GET", page)
    for path in dict.fromkeys(_LINK.findall(answer.get_data(as_text=True))):
        try:
            endpoint, args = doors.match(path, method="GET")
        except HTTPException:
            continue
        counted[endpoint] += 1
        if (
            args
            and not endpoint.endswith("static")
            and counted[endpoint] <= FOLLOWED
            and (endpoint, "GET") in known
        ):
            yield path, known[endpoint, "GET"], Target(dict(args))


@pytest.mark.parametrize("role", list(Role))
def test_lists_link_to_what_opens_and_never_to_anothers(scene: Scene, role: Role) -> None:
    faults, followed = [], set()
    for person in scene.of_role(role):
        for listed in lists(person):
            for page in addresses(listed):
                for path, row, target in linked(scene, person, page):
                    if row.cells[role] == "own" and scene.relation(person, row.kind, target) != "own":
                        faults.append(f"{page} shows {person.name} {path}, which is not theirs")
                    if (person.name, path) in followed:
                        continue
                    followed.add((person.name, path))
                    if scene.ask(person, "GET", path).status_code == 404:
                        faults.append(f"{page} leads {person.name} to {path}, which is absent")
    assert not faults, "\n".join(faults)
    assert followed or role is Role.ADMIN


#: Those who may read about some people only.
LIMITED = (Role.FACILITATOR, Role.POLICE, Role.ENFORCEMENT, Role.ADMIN)


def strangers(scene: Scene, person: Person) -> set[str]:
    """Return the names of the participants whom somebody has nothing to do with."""
    theirs = set()
    for referral in db.session.scalars(select(Referral)):
        if person.staff_id in scene.owners.get(("referral", referral.id), ()):
            theirs.add(referral.participant_id)
    # A notice may be all that somebody ever hears of a person.
    heard = select(literal("notice"), Notice.id, Notice.enrolment_id).union_all(
        select(literal("task"), Task.id, Task.enrolment_id)
    )
    for kind, key, enrolment_id in db.session.execute(heard).all():
        if enrolment_id and person.staff_id in scene.owners.get((kind, key), ()):
            theirs.add(db.session.get_one(Enrolment, enrolment_id).participant_id)
    return {
        escape(one.name)
        for one in db.session.scalars(select(Participant))
        if one.id not in theirs and person.staff_id not in scene.owners.get(("participant", one.id), ())
    }


@pytest.mark.parametrize("role", LIMITED)
def test_no_list_search_calendar_or_count_names_a_stranger(scene: Scene, role: Role) -> None:
    faults = []
    for person in scene.of_role(role):
        with scene.app.app_context():
            unknown = strangers(scene, person)
        assert len(unknown) > 20
        for listed in lists(person):
            if listed.endpoint.split(".")[0] == "demo":
                continue  # the invented phones, which are not there in service
            for page in addresses(listed):
                shown = scene.ask(person, "GET", page).get_data(as_text=True)
                faults += [f"{page} names {name} to {person.name}" for name in unknown if name in shown]
                faults += [
                    f"{page} counts {count} to {person.name} and shows {body.count('<li')}"
                    for count, body in _COUNT.findall(shown)
                    if int(count) < body.count('<li class="row-item')
                ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("role", LIMITED)
def test_no_paper_about_a_stranger_is_handed_out(scene: Scene, role: Role) -> None:
    known, faults = {row.endpoint: row for row in rows() if row.method == "GET"}, []
    for person in scene.of_role(role):
        for endpoint in PAPERS:
            row = known[endpoint]
            others = [one for one in candidates(scene, row) if scene.relation(person, row.kind, one) != "own"]
            for target in others[:5]:
                if scene.ask(person, "GET", address(row, target)).status_code != 404:
                    faults.append(f"{address(row, target)} is handed to {person.name}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("role", list(Role))
def test_calendar_holds_own_days_and_names_nobody(scene: Scene, role: Role) -> None:
    for person in scene.of_role(role):
        with scene.app.app_context():
            held = calendar_of(db.session.get_one(Staff, person.staff_id), NOW)
            names = db.session.scalars(select(Participant.name)).all()
            own = {
                key
                for (kind, key), whose in scene.owners.items()
                if person.staff_id in whose and kind == "session"
            }
            starts = set(db.session.scalars(select(Session.starts_at).where(Session.id.in_(own))))
        assert not [name for name in names if name in held.decode().replace("\r\n ", "")]
        told = {event.decoded("dtstart") for event in Calendar.from_ical(held).walk("VEVENT")}
        # Leave is of whole days.
        assert {moment.astimezone(UTC) for moment in told if isinstance(moment, datetime)} <= starts
