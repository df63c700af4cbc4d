"""Rules that time alone fulfils, and the next moment at which one can.

Everything is judged as of ``now``: what is dated later (an attendance, a contact, a suspension)
is not looked at, so an earlier ``now`` gives the answer of that moment with today's knowledge.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from programme_tracker.engagement.rules.facts import Finding, Level, Rule, Sitting, Standing
from programme_tracker.kernel.working_time import at_local, local_date
from programme_tracker.scheduling.rules import PartRules, pair_fails_on


def time_finding(sittings: Iterable[Sitting], standing: Standing, now: datetime) -> list[Finding]:
    """Return the rules that time alone has fulfilled by ``now``, the moment itself included."""
    return [finding for finding in _coming(sittings, standing, now) if _effect(finding) <= now]


def next_moment(sittings: Iterable[Sitting], standing: Standing, now: datetime) -> datetime | None:
    """Return the next UTC instant after ``now`` when time alone changes the answer; None if none does.

    A new attendance, contact, booking or suspension may move it: ask again then.
    """
    moments = (_effect(finding) for finding in _coming(sittings, standing, now))
    return min((moment for moment in moments if moment > now), default=None)


def silence_counts_at(sittings: Iterable[Sitting], standing: Standing, now: datetime) -> datetime | None:
    """Return the UTC instant from which time without attendance or contact raises a flag.

    It may have passed. None while no such clock runs: no rule, suspended, not joined, or over.
    """
    if not standing.is_live:
        return None
    held, policy = list(sittings), standing.policy
    found = [
        _out_of_touch(Rule.NO_CONTACT, policy.no_contact_days, held, standing, now),
        _out_of_touch(Rule.DISENGAGED, policy.disengaged_days, held, standing, now),
    ]
    return min((_effect(finding) for finding in found if finding), default=None)


def _effect(finding: Finding) -> datetime:
    """Return when a finding of this module takes effect, which each of them says."""
    if finding.takes_effect_at is None:
        raise ValueError(f"{finding.rule} does not follow from time")
    return finding.takes_effect_at


def _coming(sittings: Iterable[Sitting], standing: Standing, now: datetime) -> list[Finding]:
    """Return every time rule that holds by now or will if nothing else happens."""
    if not standing.is_live:
        return []
    held = list(sittings)
    policy = standing.policy
    found = [
        _out_of_touch(Rule.NO_CONTACT, policy.no_contact_days, held, standing, now),
        _out_of_touch(Rule.DISENGAGED, policy.disengaged_days, held, standing, now),
        _out_of_time(standing),
    ]
    return [finding for finding in found if finding]


def _out_of_time(standing: Standing) -> Finding | None:
    """Return when part A and part B no longer fit before the caution expires.

    A part already held whose register is still to come may yet complete the pair, so nothing is
    found until it is in. Suspension does not stop this clock.
    """
    policy = standing.policy
    expires_on = standing.caution_expires_on
    if not policy.cannot_complete_in_time or expires_on is None:
        return None
    if standing.parts_complete or standing.awaiting_register:
        return None
    rules = PartRules(policy.part_gap_min_days, policy.part_gap_max_days)
    fails_on = pair_fails_on(standing.part_a_attended_on, expires_on, rules)
    return _on_day(Rule.CANNOT_COMPLETE_IN_TIME, fails_on, fails_on, standing)


def _out_of_touch(
    rule: Rule, days: int | None, sittings: Sequence[Sitting], standing: Standing, now: datetime
) -> Finding | None:
    """Return when ``days`` without attendance or contact are over; None if no clock runs.

    None while suspended. The London days of an earlier suspension are added, unless the time was
    already over when it began; nothing takes effect within one.
    """
    since_at = _last_in_touch(sittings, standing, now)
    if days is None or since_at is None:
        return None
    due_on = local_date(since_at) + timedelta(days=days)
    for start, end in _suspensions_by(now, standing):
        if end is None or end > now:
            return None
        if start < at_local(due_on, standing.time_rules_at):
            due_on += _days_between(max(start, since_at), end)
            due_on += timedelta(days=at_local(due_on, standing.time_rules_at) < end)
    return _on_day(rule, due_on, local_date(since_at), standing)


def _last_in_touch(sittings: Sequence[Sitting], standing: Standing, now: datetime) -> datetime | None:
    """Return the latest of enrolment, first booked session, last attendance and last contact.

    The first booked session may lie ahead: until it, nobody expects to see the person.
    """
    if standing.enrolled_at is None:
        return None
    past = [sitting.starts_at for sitting in sittings if sitting.kind.attended]
    past += standing.contacts
    past += [standing.last_contact_at] if standing.last_contact_at else []
    first = [standing.first_booked_at] if standing.first_booked_at else []
    return max([standing.enrolled_at, *first, *(moment for moment in past if moment <= now)])


def _suspensions_by(now: datetime, standing: Standing) -> list[tuple[datetime, datetime | None]]:
    """Return the suspensions begun by ``now``, in order and merged where they touch."""
    merged: list[tuple[datetime, datetime | None]] = []
    for start, end in sorted(standing.suspensions, key=lambda one: one[0]):
        if start > now:
            break
        if merged and _reaches(merged[-1][1], start):
            merged[-1] = (merged[-1][0], _later_end(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _reaches(end: datetime | None, start: datetime) -> bool:
    return end is None or end >= start


def _later_end(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)


def _days_between(start: datetime, end: datetime) -> timedelta:
    """Return the London dates from one instant to another, none if the second is earlier."""
    return max(local_date(end) - local_date(start), timedelta(0))


def _on_day(rule: Rule, due_on: date, since_on: date, standing: Standing) -> Finding:
    takes_effect_at = at_local(due_on, standing.time_rules_at)
    return Finding(rule=rule, level=Level.RED, takes_effect_at=takes_effect_at, since_on=since_on)
