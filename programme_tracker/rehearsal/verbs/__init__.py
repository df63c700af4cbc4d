"""What each verb of a rehearsal does: it calls the application's own workflow and nothing else."""

from collections.abc import Callable, Mapping

from programme_tracker.rehearsal.stage import Asked, Stage
from programme_tracker.rehearsal.verbs import journey, people, register, safety, schedule

PERFORM: Mapping[str, Callable[[Stage, Asked], None]] = {
    "refer": journey.refer,
    "sign_off": journey.sign_off,
    "group": schedule.group,
    "session": schedule.session,
    "enrol": schedule.enrol,
    "book": schedule.book,
    "mark": register.mark,
    "correct": register.correct,
    "catch_up": journey.catch_up,
    "cancel": schedule.cancel,
    "move": schedule.move,
    "transfer": journey.transfer,
    "reply": people.reply,
    "delivery": people.delivery,
    "acknowledge": safety.acknowledge,
    "decide": safety.decide,
    "contact": journey.contact,
    "change": people.change,
    "suspend": journey.suspend,
    "resume": journey.resume,
    "rearrest": people.rearrest,
    "police_decision": safety.police_decision,
    "leave": safety.leave,
    "danger": safety.danger,
    "clear": safety.clear,
    "complete": journey.complete,
}
