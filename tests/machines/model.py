"""What must be true of a history, stated a second time and as simply as can be.

Nothing here asks the application: it keeps account of what people did, and knows the calendar by
heart.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

#: England's bank holidays from autumn 2026 to the end of 2027, written down from the calendar.
BANK_HOLIDAYS = {
    date(2026, 12, 25),
    date(2026, 12, 28),
    date(2027, 1, 1),
    date(2027, 3, 26),
    date(2027, 3, 29),
    date(2027, 5, 3),
    date(2027, 5, 31),
    date(2027, 8, 30),
    date(2027, 12, 27),
    date(2027, 12, 28),
}

ATTENDED = {"attended", "attended_late", "left_early"}
UNEXPLAINED = {"absent", "absent_unacceptable", "refused_late", "sent_home"}
MISSED = UNEXPLAINED | {"absent_acceptable"}


def wall(moment: datetime) -> datetime:
    """Return London's wall time at an instant."""
    return moment.astimezone(LONDON)


def _is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def police_deadline(recorded_at: datetime) -> datetime:
    """Return 17:00 on the first working day after the London date of recording."""
    day = wall(recorded_at).date() + timedelta(days=1)
    while not _is_working(day):
        day += timedelta(days=1)
    return datetime.combine(day, time(17), LONDON).astimezone(UTC)


def safety_deadline(released_at: datetime, risk: str) -> datetime:
    """Return when victim safety must have answered: one clock hour at high risk, else four working hours."""
    if risk == "high":
        return released_at + timedelta(hours=1)
    left, day = timedelta(hours=4), wall(released_at).date()
    while True:
        opens = max(datetime.combine(day, time(9), LONDON).astimezone(UTC), released_at)
        closes = datetime.combine(day, time(17), LONDON).astimezone(UTC)
        if _is_working(day) and opens < closes:
            if opens + left <= closes:
                return opens + left
            left -= closes - opens
        day += timedelta(days=1)


def may_text_at(moment: datetime, starts_at: datetime, is_reminder: bool) -> bool:
    """Tell whether the hour allows a text: 09:00 to 20:00, or news of a session early next morning."""
    if time(9) <= wall(moment).time() <= time(20):
        return True
    morning = wall(moment).date() + timedelta(days=wall(moment).time() > time(20))
    return not is_reminder and starts_at < datetime.combine(morning, time(10), LONDON).astimezone(UTC)


@dataclass
class Sitting:
    """One session, and what was last said of each enrolment at it."""

    session_id: int
    starts_at: datetime
    minutes: int
    programme: str = ""
    version: int = 1
    is_assessment: bool = False
    #: Enrolments that have ever been booked here.
    booked: set[int] = field(default_factory=set)
    cancelled: bool = False
    submitted: bool = False
    outcomes: dict[int, str] = field(default_factory=dict)

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass
class Person:
    """One enrolment: what people have decided about it."""

    enrolment_id: int
    participant_id: int
    programme: str
    is_mandated: bool
    mobile: str
    risk: str
    gate_open: bool = False
    left: bool = False
    opted_out: bool = False
    #: Suspensions as [from, to]; ``to`` is None while one lasts.
    pauses: list[list[datetime | None]] = field(default_factory=list)
    #: Why the last suspension was made, or goes on.
    paused_for: str = ""
    #: How this person takes part: what their registers say, over and over.
    mood: str = "comes"
    #: When this person last joined or was booked for the first time; None before.
    placed_at: datetime | None = None
    #: When somebody last spoke with this person.
    spoken_at: datetime | None = None
    transferred: bool = False
    #: Whether a new referral has taken this one's place.
    replaced: bool = False
    expires_on: date | None = None

    @property
    def paused(self) -> bool:
        """Whether a suspension lasts."""
        return bool(self.pauses) and self.pauses[-1][1] is None

    def pause(self, why: str, now: datetime) -> None:
        """Begin a suspension."""
        self.pauses.append([now, None])
        self.paused_for = why

    def go_on(self, now: datetime) -> None:
        """End the suspension that lasts, if any."""
        if self.paused:
            self.pauses[-1][1] = now

    def was_paused(self, moment: datetime) -> bool:
        """Tell whether a suspension lasted at an instant."""
        return any(
            start is not None and start <= moment and (end is None or moment < end)
            for start, end in self.pauses
        )


@dataclass
class Account:
    """Everything that was done so far."""

    people: list[Person] = field(default_factory=list)
    sittings: list[Sitting] = field(default_factory=list)
    #: (enrolment, session) → when the miss that stands now was first recorded.
    missed_at: dict[tuple[int, int], datetime] = field(default_factory=dict)
    #: Staff → London dates away, both included.
    leave: dict[int, list[tuple[date, date]]] = field(default_factory=dict)
    #: From when to when no worker ran.
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def alive(self) -> list[Person]:
        """Everybody who has not left."""
        return [person for person in self.people if not person.left]

    def at_work(self, moment: datetime) -> datetime:
        """Return when the worker came to what was due at an instant: then, or when it ran again."""
        for stopped_at, back_at in self.outages:
            if stopped_at < moment < back_at:
                return back_at
        return moment

    def sitting(self, session_id: int) -> Sitting:
        """Return a session of this history."""
        return next(sitting for sitting in self.sittings if sitting.session_id == session_id)

    def person(self, enrolment_id: int) -> Person:
        """Return an enrolment of this history."""
        return next(person for person in self.people if person.enrolment_id == enrolment_id)

    def write(self, enrolment_id: int, sitting: Sitting, outcome: str, now: datetime) -> None:
        """Note what a register or a correction says."""
        key = (enrolment_id, sitting.session_id)
        sitting.outcomes[enrolment_id] = outcome
        if sitting.is_assessment or outcome not in MISSED:
            self.missed_at.pop(key, None)
        else:
            self.missed_at.setdefault(key, now)

    def mandated_misses(self) -> dict[tuple[int, int], datetime]:
        """Return every mandated miss that stands, with when it was recorded."""
        mandated = {person.enrolment_id for person in self.people if person.is_mandated}
        return {key: at for key, at in self.missed_at.items() if key[0] in mandated}

    def attended_by(self, enrolment_id: int, *, assessments: bool = False) -> list[Sitting]:
        """Return the sessions of which something is said of an enrolment, in order."""
        in_order = sorted(self.sittings, key=lambda one: (one.starts_at, one.session_id))
        return [one for one in in_order if enrolment_id in one.outcomes and one.is_assessment == assessments]

    def is_away(self, staff_id: int, moment: datetime) -> bool:
        """Tell whether somebody is away on an instant's London date."""
        day = wall(moment).date()
        return any(start <= day <= end for start, end in self.leave.get(staff_id, ()))
