"""States that the invented data does not hold, so that every route has something to answer."""

from sqlalchemy import select

from programme_tracker.accounts.models import Staff
from programme_tracker.accounts.queries import signed_in
from programme_tracker.accounts.sessions import open_session
from programme_tracker.kernel.actor import Role
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import InboundMessage, Message
from programme_tracker.messaging.rules import MessageState
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment
from programme_tracker.victim_safety.models import Partner
from programme_tracker.victim_safety.rules import ViewReason
from programme_tracker.victim_safety.services import Looking, open_file
from programme_tracker.web.identity import idle_limit, longest_stay
from programme_tracker.workflows import partner_files
from programme_tracker.workflows.replying import receive_reply
from tests.factories.accounts import make_staff, set_up_app
from tests.web.policy.scene import NOW, Person, Scene
from tests.web.policy.targets import Target


def seed(scene: Scene) -> dict[str, Person]:
    """Add what is missing; return those who are half-way through signing in, by what they must do."""
    with scene.app.app_context():
        _texts()
        _open_files(scene)
        half_way = {
            "code": _half_way("gives.code", has_app=True, is_proven=False),
            "app": _half_way("sets.up", has_app=False, is_proven=False),
            "done": _half_way("has.app", has_app=True, is_proven=True),
        }
        _first(scene, "message_id", _waiting_texts())
        _first(scene, "inbound_id", list(db.session.scalars(select(InboundMessage.id))))
        db.session.remove()
    return half_way


def _first(scene: Scene, name: str, ids: list[int]) -> None:
    """Let the records with these numbers be tried first, those made last before the others."""
    first = [Target({name: one}) for one in sorted(ids, reverse=True)]
    known = scene.targets[(name,)]
    known[:] = [*first, *(one for one in known if one not in first)]


def _waiting_texts() -> list[int]:
    waits = Message.state.in_((MessageState.UNKNOWN, MessageState.PLANNED))
    return list(db.session.scalars(select(Message.id).where(waits)))


def _texts() -> None:
    message = db.session.scalars(select(Message).where(Message.state != MessageState.PLANNED)).first()
    assert message is not None
    message.state, message.needs_person_at = MessageState.UNKNOWN, NOW
    db.session.commit()
    number = db.session.scalars(select(Participant.mobile).where(Participant.mobile.is_not(None))).first()
    assert number is not None
    receive_reply("+447700900888", "Hello?", now=NOW)
    receive_reply(number, "wrong number, he left", now=NOW)


def _open_files(scene: Scene) -> None:
    partners = db.session.scalars(select(Partner)).all()
    for person in (*scene.of_role(Role.VICTIM_SAFETY), *scene.of_role(Role.MANAGER)):
        found = signed_in(person.token, now=NOW, idle=idle_limit())
        assert found is not None
        actor, sign_in_id = found[1].actor, found[0].id
        for partner in partners:
            if person.role is Role.VICTIM_SAFETY:
                looking = Looking(ViewReason.CONTACT_DUE, None, sign_in_id)
                open_file(partner.id, looking, actor=actor, now=NOW)
        if person.role is Role.MANAGER:
            for enrolment_id in _enrolments():
                partner_files.break_glass(enrolment_id, "to be fuzzed", sign_in_id, actor=actor, now=NOW)


def _enrolments() -> list[int]:
    people = set(db.session.scalars(select(Partner.participant_id)))
    found = {one.participant_id: one.id for one in db.session.scalars(select(Enrolment))}
    return [found[person] for person in people if person in found]


def _half_way(username: str, *, has_app: bool, is_proven: bool) -> Person:
    staff: Staff = make_staff(username=username)
    if has_app:
        set_up_app(staff)
    token = open_session(staff, now=NOW, longest=longest_stay(), is_proven=is_proven)
    return Person(username, staff.role, staff.id, token)
