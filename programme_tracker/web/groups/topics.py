"""Which topics people have credit for and which they owe, for many people at once."""

from collections.abc import Collection, Iterable

from sqlalchemy import select

from programme_tracker.attendance.models import Mark
from programme_tracker.attendance.queries import waived_topics
from programme_tracker.attendance.rules import OUTCOMES
from programme_tracker.kernel.database import db
from programme_tracker.scheduling.models import Session

_WITH_CREDIT = [outcome.value for outcome, kind in OUTCOMES.items() if kind.credit]


def credits_of(enrolment_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the numbered topics each of these enrolments has credit for, none left out."""
    found = (
        select(Mark.enrolment_id, Session.topic, Session.number)
        .join(Mark.session)
        .where(Mark.enrolment_id.in_(enrolment_ids), Mark.is_current, Mark.outcome.in_(_WITH_CREDIT))
    )
    done: dict[int, set[int]] = {enrolment_id: set() for enrolment_id in enrolment_ids}
    for enrolment_id, topic, number in db.session.execute(found):
        numbered = topic or str(number or "")
        if numbered.isdigit():
            done[enrolment_id].add(int(numbered))
    return {enrolment_id: frozenset(topics) for enrolment_id, topics in done.items()}


def settled_of(enrolment_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the numbered topics each of these enrolments owes no longer: done, or waived by a manager."""
    waived = waived_topics(enrolment_ids)
    return {
        enrolment_id: done | {int(topic) for topic in waived[enrolment_id] if topic.isdigit()}
        for enrolment_id, done in credits_of(enrolment_ids).items()
    }


def topics_in_words(topics: Iterable[int]) -> str:
    """Return topics with their runs drawn together: "1–3, 5"; empty for none."""
    runs: list[list[int]] = []
    for topic in sorted(set(topics)):
        if runs and topic == runs[-1][1] + 1:
            runs[-1][1] = topic
        else:
            runs.append([topic, topic])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
