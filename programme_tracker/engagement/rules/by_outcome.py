"""Rules that an outcome fulfils: a history is replayed, one session after another."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from programme_tracker.attendance.rules import OUTCOMES, Outcome
from programme_tracker.engagement.rules.facts import Finding, Level, Rule, Sitting, Standing
from programme_tracker.programmes.rules import MandateRule, ProgrammePolicy


def absence_streak(outcomes: Sequence[Outcome]) -> int:
    """Count unexplained absences since the last attendance.

    Acceptable absences and neutral outcomes neither add to the streak nor end it
    (product.md §7). ``outcomes`` are in session order, oldest first.
    """
    streak = 0
    for outcome in reversed(outcomes):
        if OUTCOMES[outcome].attended:
            break
        streak += OUTCOMES[outcome].unexplained
    return streak


def findings(
    sittings: Iterable[Sitting], standing: Standing, *, keep_swallowed: bool = False
) -> list[Finding]:
    """Return every finding that an outcome causes, in session order.

    A rule is found at each session whose own outcome makes it hold: a third absence in a row
    finds ``consecutive_absences`` once more. Where one absence fulfils a red and an amber rule,
    only the red is returned (product.md §7), unless the amber ones it swallows are asked for too.
    """
    in_order = sorted(sittings, key=lambda sitting: (sitting.starts_at, sitting.session_id))
    found: list[Finding] = []
    for count in range(1, len(in_order) + 1):
        caused = _caused_by_last(in_order[:count], standing)
        is_red = any(finding.level is Level.RED for finding in caused)
        found += [one for one in caused if one.level is Level.RED or not is_red or keep_swallowed]
    return found


def _caused_by_last(sittings: Sequence[Sitting], standing: Standing) -> list[Finding]:
    """Return what the last of ``sittings`` causes."""
    latest = sittings[-1]
    if latest.is_assessment:
        return _missed_assessments(sittings, standing)
    history = _History([sitting for sitting in sittings if not sitting.is_assessment], standing)
    return [finding for rule in _rules_for(latest) if (finding := rule(history))]


def _missed_assessments(sittings: Sequence[Sitting], standing: Standing) -> list[Finding]:
    """Return the finding of a missed assessment; they add up over the enrolment (domain.md §3)."""
    if not sittings[-1].kind.unexplained:
        return []
    missed = [sitting for sitting in sittings if sitting.is_assessment and sitting.kind.unexplained]
    policy = standing.policy
    if _reached(len(missed), policy.assessment_missed_red):
        return [_finding(Rule.ASSESSMENT_MISSED, Level.RED, missed)]
    if _reached(len(missed), policy.assessment_missed_amber):
        return [_finding(Rule.ASSESSMENT_MISSED, Level.AMBER, missed)]
    return []


@dataclass(frozen=True)
class _History:
    """The sessions up to the one that is being judged, assessments left out."""

    sittings: Sequence[Sitting]
    standing: Standing

    @property
    def latest(self) -> Sitting:
        return self.sittings[-1]

    @property
    def policy(self) -> ProgrammePolicy:
        return self.standing.policy

    @property
    def streak(self) -> list[Sitting]:
        """The unexplained absences since the last attendance."""
        length = absence_streak([sitting.outcome for sitting in self.sittings])
        unexplained = [sitting for sitting in self.sittings if sitting.kind.unexplained]
        return unexplained[len(unexplained) - length :]

    def window(self, size: int) -> list[Sitting]:
        """Return the last ``size`` sessions that are not neutral."""
        return [sitting for sitting in self.sittings if not sitting.kind.neutral][-size:]


_OutcomeRule = Callable[[_History], Finding | None]


def _rules_for(sitting: Sitting) -> tuple[_OutcomeRule, ...]:
    """Return the rules that an outcome of this kind may fulfil."""
    kind = sitting.kind
    if kind.late:
        return (_lateness,)
    if kind.acceptable:
        return (_mandated_session_missed, _acceptable_absences)
    if kind.unexplained:
        return (
            _mandated_session_missed,
            _disengaged,
            _consecutive_absences,
            _absences_in_window,
            _absence_at_high_risk,
            _first_absence,
        )
    return ()


def _lateness(history: _History) -> Finding | None:
    late = [sitting for sitting in history.window(history.policy.lateness_window) if sitting.kind.late]
    return _if_reached(Rule.LATENESS, Level.AMBER, late, history.policy.lateness)


def _first_absence(history: _History) -> Finding | None:
    return _if_reached(Rule.FIRST_ABSENCE, Level.AMBER, history.streak, history.policy.first_absence)


def _consecutive_absences(history: _History) -> Finding | None:
    threshold = history.policy.consecutive_absences
    return _if_reached(Rule.CONSECUTIVE_ABSENCES, Level.RED, history.streak, threshold)


def _disengaged(history: _History) -> Finding | None:
    return _if_reached(Rule.DISENGAGED, Level.RED, history.streak, history.policy.disengaged_streak)


def _absences_in_window(history: _History) -> Finding | None:
    window = history.window(history.policy.absences_window)
    unexplained = [sitting for sitting in window if sitting.kind.unexplained]
    threshold = history.policy.absences_in_window
    return _if_reached(Rule.ABSENCES_IN_WINDOW, Level.RED, unexplained, threshold)


def _absence_at_high_risk(history: _History) -> Finding | None:
    at_the_time = history.latest.is_high_risk
    is_high = history.standing.is_high_risk if at_the_time is None else at_the_time
    if not is_high:
        return None
    threshold = history.policy.absence_at_high_risk
    return _if_reached(Rule.ABSENCE_AT_HIGH_RISK, Level.RED, history.streak, threshold)


def _mandated_session_missed(history: _History) -> Finding | None:
    """Find a mandated miss, whatever the reason: the reason is for the police to weigh."""
    rule = history.policy.mandated_session_missed
    at_the_time = history.latest.is_mandated
    is_mandated = history.standing.is_mandated if at_the_time is None else at_the_time
    if rule is MandateRule.ALWAYS or (rule is MandateRule.IF_MANDATED and is_mandated):
        return _finding(Rule.MANDATED_SESSION_MISSED, Level.RED, [history.latest])
    return None


def _acceptable_absences(history: _History) -> Finding | None:
    days = history.policy.acceptable_absences_days
    recent = [
        sitting
        for sitting in history.sittings
        if sitting.kind.acceptable and (history.latest.on - sitting.on).days < days
    ]
    return _if_reached(Rule.ACCEPTABLE_ABSENCES, Level.AMBER, recent, history.policy.acceptable_absences)


def _reached(count: int, threshold: int | None) -> bool:
    """Tell whether a threshold is met; one of None is a rule that is off."""
    return threshold is not None and count >= threshold


def _if_reached(
    rule: Rule, level: Level, counted: Sequence[Sitting], threshold: int | None
) -> Finding | None:
    return _finding(rule, level, counted) if _reached(len(counted), threshold) else None


def _finding(rule: Rule, level: Level, counted: Sequence[Sitting]) -> Finding:
    """Return the finding that the last of ``counted`` completes."""
    evidence = tuple(sitting.session_id for sitting in counted)
    return Finding(rule=rule, level=level, session_id=evidence[-1], evidence=evidence)
