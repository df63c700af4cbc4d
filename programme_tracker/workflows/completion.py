"""Whether a programme is done, by the numbers of its policy (product.md §2)."""

from datetime import datetime

from programme_tracker.attendance.queries import current_marks, waived_topics
from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.programmes.queries import programme_policy
from programme_tracker.referrals.models import Enrolment
from programme_tracker.workflows.standing import PARTS, parts_done, sittings_of


def credited_topics(enrolment: Enrolment) -> frozenset[str]:
    """Return the topics this enrolment, and the one it was transferred from, has credit for."""
    topics = {
        mark.session.topic or str(mark.session.number or "")
        for mark in current_marks(enrolment.id)
        if OUTCOMES[Outcome(mark.outcome)].credit
    }
    return frozenset(topic for topic in topics if topic)


def topics_settled(enrolment: Enrolment) -> frozenset[str]:
    """Return the topics that are owed no longer: those with credit, and those a manager waived."""
    return credited_topics(enrolment) | waived_topics([enrolment.id])[enrolment.id]


def sessions_credited(enrolment: Enrolment) -> int:
    """Count the sessions with credit."""
    return sum(OUTCOMES[Outcome(mark.outcome)].credit for mark in current_marks(enrolment.id))


def is_complete(enrolment: Enrolment, now: datetime, group_ready: bool = False) -> bool:
    """Tell whether everything that completion asks for is there.

    ``group_ready`` is a person's judgement, asked for where the programme needs one.
    """
    policy = programme_policy(enrolment.programme_code, now)
    if policy.completion_parts:
        return parts_done(sittings_of(current_marks(enrolment.id))).keys() >= PARTS
    if policy.completion_judgement and not group_ready:
        return False
    if sessions_credited(enrolment) < policy.completion_attended:
        return False
    wanted = {str(number) for number in range(1, policy.sessions + 1)}
    return not policy.completion_topics or wanted <= topics_settled(enrolment)
