"""The invented people on CARA, each in another state."""

from datetime import date, timedelta
from functools import partial

from programme_tracker.attendance.rules import Outcome
from programme_tracker.attendance.services import MarkDetails
from programme_tracker.escalation.models import Decision
from programme_tracker.kernel.working_time import WorkingCalendar, local_date
from programme_tracker.referrals.rules import NO, UNKNOWN
from programme_tracker.victim_safety.services import PartnerDetails, add_partner
from programme_tracker.workflows import deciding, registers
from programme_tracker.workflows.demo.days import DemoDays, on
from programme_tracker.workflows.demo.stage import Person, Script, Stage

CALENDAR = WorkingCalendar()
VENUE = "Room 1, Invented House"

#: A safe number nobody may give for a participant: try it.
SAFE_NUMBER = "+447700900299"


def tell_cara(script: Script, stage: Stage, days: DemoDays) -> None:
    """Plan every CARA story."""
    _make_workshops(script, stage, days)
    for story in (
        _completed,
        _part_b_to_come,
        _booked_next_saturday,
        _overdue,
        _reported_to_police,
        _missed_part_b,
        _register_open,
        _waiting_for_sign_off,
        _unbooked_for_a_week,
        _referrals,
    ):
        story(script, stage, days)


def _make_workshops(script: Script, stage: Stage, days: DemoDays) -> None:
    for key, part, day in (
        ("first A", "A", days.first_a_on),
        ("first B", "B", days.first_b_on),
        ("second A", "A", days.second_a_on),
        ("third A", "A", days.third_a_on),
        ("third B", "B", days.third_b_on),
        ("next A", "A", days.next_a_on),
        ("next B", "B", days.next_b_on),
        ("overdue", "A", days.overdue_on),
        ("reported", "A", days.reported_on),
        ("missed", "B", days.missed_on),
        ("open", "A", days.open_on),
    ):
        script.at(stage.now, partial(stage.make_workshop, key, part, day, VENUE))


def _man(
    stage: Stage, number: int, name: str, *, deputy: bool = False, risk: str = "medium", **answers: str
) -> Person:
    """Invent a man; ``number`` is the end of his telephone number, 07700 900000 to 900999."""
    worker = stage.team.safety2 if deputy else stage.team.safety
    born_on = date(1980, 1, 31) + timedelta(days=number * 37)
    return Person(stage, name, f"07700 900{number:03}", born_on, worker, risk, dict(answers))


def _take_on(script: Script, man: Person, days: DemoDays, days_ago: int, issued_ago: int) -> None:
    """Plan referral, acceptance and sign-off, a day between each."""
    issued_on = local_date(days.now) - timedelta(days=issued_ago)
    script.at(days.ago(days_ago, 11, 20), partial(man.refer_to_cara, issued_on))
    script.at(days.ago(days_ago, 15, 5), man.accept)
    script.at(days.ago(days_ago - 1, 10, 40), man.sign_off)


def _completed(script: Script, stage: Stage, days: DemoDays) -> None:
    owen = _man(stage, 110, "Owen Invented", deputy=True)
    _take_on(script, owen, days, 73, 74)
    script.at(days.ago(71, 14, 0), lambda: owen.book("first A", "first B"))
    script.at(on(days.first_a_on, 15, 12), lambda: stage.submit("first A", {}))
    script.at(on(days.first_a_on + timedelta(days=2), 11), owen.speak_to_partner)
    script.at(on(days.first_b_on, 15, 12), lambda: stage.submit("first B", {}))
    script.at(on(days.first_b_on + timedelta(days=2), 11), owen.speak_to_partner)


def _part_b_to_come(script: Script, stage: Stage, days: DemoDays) -> None:
    danny = _man(stage, 104, "Danny Placeholder")
    _take_on(script, danny, days, 34, 36)
    script.at(days.ago(32, 9, 50), lambda: danny.book("third A", "third B"))
    script.at(on(days.third_a_on - timedelta(days=1), 11, 30), lambda: danny.reply("1"))
    script.at(on(days.third_a_on, 15, 8), lambda: stage.submit("third A", {}))
    script.at(on(days.third_a_on + timedelta(days=3), 14), danny.speak_to_partner)


def _booked_next_saturday(script: Script, stage: Stage, days: DemoDays) -> None:
    sam = _man(stage, 101, "Sam Example")
    _take_on(script, sam, days, 13, 15)
    script.at(days.ago(10, 9, 40), lambda: sam.book("next A", "next B"))


def _overdue(script: Script, stage: Stage, days: DemoDays) -> None:
    """Tell of a miss that nobody has answered: not victim safety, not the deputy, not the officer."""
    marek = _man(stage, 109, "Marek Fictional-Nowakowski", risk="high")
    _take_on(script, marek, days, 25, 27)
    script.at(days.ago(20, 11, 10), lambda: marek.book("overdue"))
    script.at(
        on(days.overdue_on, 15, 20),
        lambda: stage.submit("overdue", marek.mark(Outcome.REFUSED_LATE)),
    )


def _reported_to_police(script: Script, stage: Stage, days: DemoDays) -> None:
    """Tell of a report that has reached the officer, and that a facilitator now calls a mistake."""
    piotr = _man(stage, 108, "Piotr Pretend", deputy=True)
    _take_on(script, piotr, days, 24, 26)
    script.at(days.ago(19, 11, 10), lambda: piotr.book("reported"))
    script.at(
        days.before_now(hours=26),
        lambda: stage.submit("reported", piotr.mark(Outcome.ABSENT), stage.team.facilitator2),
    )
    script.at(days.before_now(hours=25.5), piotr.acknowledge)
    script.at(
        days.before_now(hours=3),
        lambda: deciding.decide(piotr.enrolment_id, Decision.PROCEED, actor=piotr.worker, now=stage.now),
    )
    script.at(
        days.before_now(hours=1),
        lambda: registers.request_correction(
            stage.sessions["reported"],
            piotr.enrolment_id,
            MarkDetails(Outcome.ATTENDED),
            why="He was there. I marked the line above him.",
            actor=stage.team.facilitator2,
            now=stage.now,
        ),
    )


def _missed_part_b(script: Script, stage: Stage, days: DemoDays) -> None:
    """Tell of two who missed part B: one alert is unanswered, on the other a hold is asked for."""
    jonah = _man(stage, 107, "Jonah Madeup")
    ewan = _man(stage, 113, "Ewan Imaginary", deputy=True)
    for man in (jonah, ewan):
        _take_on(script, man, days, 52, 54)
    script.at(days.ago(50, 13, 0), *(partial(man.book, "second A", "missed") for man in (jonah, ewan)))
    script.at(on(days.second_a_on, 15, 15), lambda: stage.submit("second A", {}))
    script.at(on(days.second_a_on + timedelta(days=3), 15), jonah.speak_to_partner, ewan.speak_to_partner)
    script.at(
        days.before_now(minutes=100),
        lambda: stage.submit("missed", jonah.mark(Outcome.ABSENT) | ewan.mark(Outcome.ABSENT)),
    )
    script.at(
        days.before_now(minutes=55),
        lambda: deciding.propose_hold(
            ewan.enrolment_id,
            reason="Somebody moves to a safe place first.",
            hold_until=CALENDAR.end_of_next_working_day(stage.now),
            actor=ewan.worker,
            now=stage.now,
        ),
    )


def _register_open(script: Script, stage: Stage, days: DemoDays) -> None:
    """Tell of a workshop whose register waits; the last text to one of the men did not arrive."""
    luca = _man(stage, 105, "Luca Specimen")
    ade = _man(stage, 106, "Ade Testcase")
    for man in (luca, ade):
        _take_on(script, man, days, 30, 31)
    script.at(days.ago(28, 10, 30), *(partial(man.book, "open", "next B") for man in (luca, ade)))
    script.at(on(days.open_on - timedelta(days=2), 12), partial(stage.lose_phone, ade.e164))
    script.at(on(days.open_on - timedelta(days=1), 12, 15), lambda: luca.reply("Ok thanks"))


def _waiting_for_sign_off(script: Script, stage: Stage, days: DemoDays) -> None:
    roisin = _man(stage, 102, "Róisín O'Brien-Łukasz (invented)")
    issued_on = local_date(days.now) - timedelta(days=2)
    script.at(days.before_now(hours=20), partial(roisin.refer_to_cara, issued_on))
    script.at(days.before_now(hours=19), roisin.accept, lambda: _add_partner(roisin))


def _add_partner(man: Person) -> None:
    details = PartnerDetails("Alex Invented", SAFE_NUMBER, "Weekdays before 3pm", man.enrolment.worker_id)
    participant_id = man.enrolment.participant_id
    add_partner(participant_id, details, actor=man.worker, now=man.stage.now)


def _unbooked_for_a_week(script: Script, stage: Stage, days: DemoDays) -> None:
    tariq = _man(stage, 103, "Tariq Sample")
    _take_on(script, tariq, days, 8, 10)


def _referrals(script: Script, stage: Stage, days: DemoDays) -> None:
    """Tell of three referrals: one refused, one that waits for an answer, one that has just come in."""
    today = local_date(days.now)
    callum = _man(stage, 111, "Callum Notreal", admission=NO)
    script.at(days.ago(5, 16, 30), partial(callum.refer_to_cara, today - timedelta(days=6)))
    grant = _man(stage, 114, "Grant Unreal", victim_agrees=UNKNOWN)
    script.at(days.ago(3, 12, 0), partial(grant.refer_to_cara, today - timedelta(days=4)))
    yusuf = _man(stage, 112, "Yusuf Mock")
    script.at(days.before_now(hours=2), partial(yusuf.refer_to_cara, today - timedelta(days=1)))
