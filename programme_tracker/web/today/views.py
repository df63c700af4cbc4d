"""A person's Today page: their role's sections, in order of harm and then of deadline."""

from dataclasses import dataclass
from datetime import datetime

from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.tasks.models import TaskKind
from programme_tracker.web.holds.alarms import Alarm, alarms
from programme_tracker.web.presentation import counted, moment_words
from programme_tracker.web.today import alerts, management, replies, work
from programme_tracker.web.today.lines import Maker, Section
from programme_tracker.web.today.to_book import refused_sign_offs, to_book, waiting_for_places

_SIGN_OFFS = work.tasks("Sign-offs waiting", TaskKind.SIGN_OFF)
_PARTNERS = work.tasks("Partner contacts due", TaskKind.PARTNER_CONTACT, TaskKind.PARTNER_ASSESSMENT)
_REVIEWS = work.tasks("Reviews due", TaskKind.REVIEW_MONITORING)
_CALLS = work.tasks("To ring", TaskKind.CALL_PARTICIPANT)
_TASKS = work.tasks(
    "Tasks",
    TaskKind.FOLLOW_UP_ABSENCE,
    TaskKind.FIRST_CONTACT,
    TaskKind.CHECK_NUMBER,
    TaskKind.BOOK_CATCH_UP,
    TaskKind.RECONSENT,
    TaskKind.STAFFING,
    TaskKind.OFFER_PLACE,
    TaskKind.CHECK_STAFF_ADDRESS,
)

#: What each role is shown, the gravest first.
SECTIONS: dict[Role, tuple[Maker, ...]] = {
    Role.FACILITATOR: (work.registers, _TASKS, work.next_sessions),
    Role.CASEWORKER: (
        _CALLS,
        replies.to_read,
        work.registers,
        _TASKS,
        to_book,
        refused_sign_offs,
        work.new_referrals,
        alerts.to_read,
        waiting_for_places,
        work.participants_next,
    ),
    Role.VICTIM_SAFETY: (
        alerts.to_answer,
        replies.set_apart,
        alerts.to_decide,
        _SIGN_OFFS,
        _PARTNERS,
        _TASKS,
        alerts.to_read,
    ),
    Role.POLICE: (
        alerts.to_answer,
        work.police_decisions,
        work.referrals_to_answer,
        work.referrals_answered,
        alerts.to_read,
        work.own_referrals,
    ),
    Role.ENFORCEMENT: (alerts.to_answer, _REVIEWS, alerts.to_read, management.monitorings),
    Role.MANAGER: (
        management.late_notices,
        alerts.holds_to_sign,
        management.ended_holds,
        management.late_registers,
        alerts.corrections_to_approve,
        _TASKS,
        alerts.to_read,
    ),
    Role.ADMIN: (management.accounts,),
}

#: What the page says when nothing waits.
NOTHING: dict[Role, str] = {
    Role.FACILITATOR: "No register waits for you.",
    Role.CASEWORKER: "Nobody waits for you to ring, book or decide.",
    Role.VICTIM_SAFETY: "No alert, sign-off or contact waits for you.",
    Role.POLICE: "Nothing waits for you.",
    Role.ENFORCEMENT: "No notice or review waits for you.",
    Role.MANAGER: "Nothing is late, and nothing waits for your signature.",
    Role.ADMIN: "Every account is in order.",
}


@dataclass(frozen=True)
class Today:
    """The page: sections that hold something, and one sentence that sums them up."""

    sections: list[Section]
    summary: str
    nothing: str | None
    alarms: list[Alarm]


def today_of(actor: Actor, now: datetime) -> Today:
    """Gather what somebody's roles call for, empty sections left out."""
    roles = [role for role in SECTIONS if role in actor.roles]
    makers = dict.fromkeys(maker for role in roles for maker in SECTIONS[role])
    made = [maker(actor, now) for maker in makers]
    sections = [one for one in made if one.lines]
    waiting = [line for one in sections if one.needs_me for line in one.lines]
    late = sum(line.due < now for line in waiting)
    return Today(
        sections=sorted(sections, key=lambda one: not one.needs_me),
        summary=_summary(len(waiting), late),
        nothing=None if waiting else _nothing(roles, actor, now),
        alarms=alarms(now) if Role.MANAGER in actor.roles else [],
    )


def _summary(waiting: int, late: int) -> str:
    if not waiting:
        return ""
    needs = f"{counted(waiting, 'thing').capitalize()} need{'s' if waiting == 1 else ''} you."
    if not late:
        return needs
    if late == waiting:
        return f"{needs} {'It is' if late == 1 else 'All are'} late."
    return f"{needs} {counted(late, 'thing').capitalize()} {'is' if late == 1 else 'are'} late."


def _nothing(roles: list[Role], actor: Actor, now: datetime) -> str:
    said = " ".join(NOTHING[role] for role in roles)
    if Role.FACILITATOR in roles:
        session = work.next_session_of(actor, now)
        if session is not None:
            return f"{said} Next register: {moment_words(session.starts_at, now)}."
    return said
