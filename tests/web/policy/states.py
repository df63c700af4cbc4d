"""States that the invented data does not hold, so that every route has something to answer."""

from collections.abc import Iterable

from sqlalchemy import select

from programme_tracker.accounts.feeds import make_feed
from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import signed_in
from programme_tracker.accounts.sessions import open_session
from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.clock import now
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.messaging.rules import MessageState
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.tasks.models import TaskKind
from programme_tracker.tasks.services import create_task
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.rules import EntryKind, ViewReason
from programme_tracker.victim_safety.services import EntryDetails, Looking, add_entry, open_file
from programme_tracker.web.identity import idle_limit, longest_stay, sign_in_now
from programme_tracker.workflows import partner_files
from programme_tracker.workflows.replying import receive_reply
from tests.factories.accounts import make_staff, set_up_app

#: Those who are half-way through signing in, by what they must do: whether they have an app and are proven.
HALF_WAY = {"code": (True, False), "app": (False, False), "done": (True, True)}


def add_states(tokens: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Add what is missing, and open files to those signed in with ``tokens``; needs a context.

    Return account and token of everybody who is half-way through signing in, by what they must do.
    """
    _texts()
    _links()
    _tasks()
    _calendar()
    for token in tokens:
        found = signed_in(token, now=sign_in_now(), idle=idle_limit())
        assert found is not None
        _open_files(found[1].actor, found[0].id)
    half_way = {
        name: _half_way(f"half.way.{name}", has_app=has_app, is_proven=is_proven)
        for name, (has_app, is_proven) in HALF_WAY.items()
    }
    db.session.remove()
    return half_way


def _texts() -> None:
    """One text that nobody knows the end of, one from nobody we know, one from somebody else's phone."""
    message = db.session.scalars(select(Message).where(Message.state != MessageState.PLANNED)).first()
    assert message is not None
    message.state, message.needs_person_at = MessageState.UNKNOWN, now()
    db.session.commit()
    known = select(Participant.mobile).where(Participant.mobile.is_not(None)).order_by(Participant.id)
    somebody, *_, another = db.session.scalars(known).all()
    assert somebody is not None and another is not None
    receive_reply("+447700900888", "Hello?", now=now())
    receive_reply(somebody, "wrong number, he left", now=now())
    receive_reply(another, "Which door is it?", now=now())


def _links() -> None:
    """A partner of whom victim safety wrote that they are a participant too."""
    partner = db.session.scalars(select(Partner).order_by(Partner.id)).first()
    worker = db.session.scalars(select(Staff).where(Staff.role == Role.VICTIM_SAFETY)).first()
    assert partner is not None and worker is not None
    other = db.session.scalars(select(Participant.id).where(Participant.id != partner.participant_id)).first()
    link = EntryDetails(EntryKind.LINK, {"participant_id": other})
    add_entry(partner.id, link, actor=worker.actor, now=now())


def _tasks() -> None:
    """A task of enforcement's, which the invented data leaves done."""
    enrolment_id = db.session.scalars(select(Enrolment.id).order_by(Enrolment.id)).first()
    for one in db.session.scalars(select(Staff).where(Staff.role == Role.ENFORCEMENT)).all():
        create_task(
            TaskKind.REVIEW_MONITORING,
            to="enforcement",
            staff_id=one.id,
            enrolment_id=enrolment_id,
            why="Look at how it goes.",
            due_on=now().date(),
            now=now(),
        )


def _calendar() -> None:
    """A calendar that somebody can take back."""
    one = db.session.scalars(select(Staff).where(Staff.role == Role.FACILITATOR).order_by(Staff.id)).first()
    assert one is not None
    make_feed(one.id, actor=one.actor, now=now())


def _open_files(actor: Actor, sign_in_id: int) -> None:
    """Open the first few partners' files: to victim safety for a reason, to a manager by broken glass."""
    partners = db.session.scalars(select(Partner).order_by(Partner.id).limit(6)).all()
    if actor.has(Role.VICTIM_SAFETY):
        for partner in partners:
            looking = Looking(ViewReason.CONTACT_DUE, None, sign_in_id)
            open_file(partner.id, looking, actor=actor, now=now())
    if actor.has(Role.MANAGER):
        for enrolment_id in _enrolments([one.participant_id for one in partners]):
            partner_files.break_glass(enrolment_id, "to be tried", sign_in_id, actor=actor, now=now())


def _enrolments(participant_ids: list[int]) -> list[int]:
    found = {one.participant_id: one.id for one in db.session.scalars(select(Enrolment))}
    return [found[person] for person in participant_ids if person in found]


def _half_way(username: str, *, has_app: bool, is_proven: bool) -> tuple[int, str]:
    staff: Staff = make_staff(username=username)
    if has_app:
        set_up_app(staff)
    token = open_session(staff, now=sign_in_now(), longest=longest_stay(), is_proven=is_proven)
    return staff.id, token
