"""Numbers that fit their field and yet make no sense together: refused before a version is made."""

from collections.abc import Callable

from programme_tracker.kernel.errors import Code, RefusedError
from programme_tracker.programmes.rules import GeneralPolicy, Policy, ProgrammePolicy

#: Of a programme: what must hold, what is said where it does not, and the field to put it beside.
_PROGRAMME: tuple[tuple[Callable[[ProgrammePolicy], bool], str, str], ...] = (
    (lambda one: one.sessions >= 1, "A programme has at least one session.", "sessions"),
    (lambda one: 1 <= one.minutes <= 720, "A session lasts from 1 minute to 12 hours.", "minutes"),
    (lambda one: one.capacity >= 1, "There is room for at least one.", "capacity"),
    (lambda one: one.facilitators >= 1, "At least one person runs a session.", "facilitators"),
    (
        lambda one: one.max_age is None or one.min_age <= one.max_age,
        "The highest age is below the lowest.",
        "max_age",
    ),
    (
        lambda one: one.part_gap_min_days <= one.part_gap_max_days,
        "The longest gap between the parts is below the shortest.",
        "part_gap_max_days",
    ),
    (
        lambda one: (one.lateness or 0) <= one.lateness_window,
        "That many late arrivals do not fit in so few sessions.",
        "lateness_window",
    ),
    (
        lambda one: (one.absences_in_window or 0) <= one.absences_window,
        "That many absences do not fit in so few sessions.",
        "absences_window",
    ),
    (
        lambda one: (
            one.assessment_missed_amber is None
            or one.assessment_missed_red is None
            or one.assessment_missed_amber <= one.assessment_missed_red
        ),
        "Amber comes before red.",
        "assessment_missed_red",
    ),
    (
        lambda one: one.is_mandated <= (one.mandated_session_missed is not None),
        "A mandated programme reports every missed session.",
        "mandated_session_missed",
    ),
    (lambda one: bool(one.allowed_dash), "Choose at least one DASH level.", "allowed_dash"),
)

_GENERAL: tuple[tuple[Callable[[GeneralPolicy], bool], str, str], ...] = (
    (lambda one: one.text_opens < one.text_closes, "Texts must open before they close.", "text_closes"),
    (
        lambda one: one.text_opens <= one.remind_at <= one.text_closes,
        "Reminders go within the hours for texts.",
        "remind_at",
    ),
    (
        lambda one: one.chase_enforcement_hours <= one.chase_manager_hours,
        "The recipient is chased before the manager is told.",
        "chase_manager_hours",
    ),
    (
        lambda one: one.first_contact_lead_days <= one.first_contact_manager_days,
        "The lead is asked before the manager.",
        "first_contact_manager_days",
    ),
    (
        lambda one: min(one.acknowledge_working_hours, one.acknowledge_high_risk_hours) >= 1,
        "Give at least one hour to acknowledge.",
        "acknowledge_high_risk_hours",
    ),
    (
        lambda one: min(one.monitoring_months, one.review_high_days, one.review_medium_months) >= 1,
        "Monitoring and its reviews need at least one.",
        "monitoring_months",
    ),
)


def refuse_nonsense(policy: Policy) -> None:
    """Refuse numbers that contradict each other, beside the field at fault."""
    for holds, message, field in _GENERAL:
        if not holds(policy.general):
            raise RefusedError(Code.NOT_ALLOWED, message, field=field)
    for programme in policy.programmes.values():
        for fits, message, field in _PROGRAMME:
            if not fits(programme):
                raise RefusedError(Code.NOT_ALLOWED, f"{programme.title}: {message}", field=field)
