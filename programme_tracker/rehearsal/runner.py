"""Plays a script: the clock jumps from one due moment to the next, the timeline in between."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from programme_tracker.jobs import due
from programme_tracker.jobs.failures import failures as failed_work
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.kernel.working_time import from_local
from programme_tracker.rehearsal.effects import Effect, shown, wall_time
from programme_tracker.rehearsal.matching import failures
from programme_tracker.rehearsal.naming import NameTakenError, NotThereError
from programme_tracker.rehearsal.report import Result
from programme_tracker.rehearsal.script import Script, ScriptError, Step
from programme_tracker.rehearsal.stage import MakeApp, Stage, set_stage
from programme_tracker.rehearsal.trail import Trail
from programme_tracker.rehearsal.verbs import PERFORM
from programme_tracker.rehearsal.verbs.people import bring_in

#: More rounds of due work at one moment than this, and something makes itself due for ever.
_ROUNDS = 1000


class StepFailedError(Exception):
    """The application broke, rather than refused, while a script was played."""


def run_script(script: Script, make_app: MakeApp) -> Result:
    """Play a script from start to end and weigh what came about against what it expects.

    Raises StepFailedError when the application breaks, ScriptError when a name is given twice.
    """
    with set_stage(script, make_app) as stage:
        effects = _Player(script, stage).play()
    return Result(script.path, script.title, effects, failures(script, effects))


class _Player:
    """One performance: moves the clock, does the lines, collects the effects in order."""

    def __init__(self, script: Script, stage: Stage) -> None:
        self._script = script
        self._stage = stage
        self._trail = Trail(stage.known)
        self._effects: list[Effect] = []

    def play(self) -> list[Effect]:
        """Play everything and return the effects in the order in which they came about."""
        self._bring_in_people()
        for at, steps in groupby(self._script.timeline, key=lambda step: step.at):
            self._moment(from_local(at), steps)
        self._advance_to(from_local(self._script.until))
        return self._effects

    def _bring_in_people(self) -> None:
        for person in self._script.people.values():
            try:
                bring_in(self._stage, person)
            except RefusedError as error:
                fault = f"the application does not take this person: {error.message}"
                raise ScriptError(self._script.path, person.line, f"people.{person.name}", fault) from error
        self._collect()

    def _moment(self, at: datetime, steps: Iterable[Step]) -> None:
        self._advance_to(at)
        for step in steps:
            self._do(step)
        self._work_off()

    def _advance_to(self, at: datetime) -> None:
        """Do what falls due on the way, each at its own moment, and stand at ``at``."""
        self._work_off()
        while (moment := due.next_due_at(self._stage.now)) is not None and moment <= at:
            if moment <= self._stage.now:
                raise StepFailedError(f"something due at {shown(wall_time(moment))} is never done")
            self._stage.clock.set(moment)
            self._work_off()
        self._stage.clock.set(at)
        self._work_off()

    def _work_off(self) -> None:
        """Do everything that is due now, and what that makes due at once."""
        for _ in range(_ROUNDS):
            try:
                done = due.run_due(self._stage.provider, now=self._stage.now, worker="rehearsal")
            except Exception as error:
                raise StepFailedError(f"due work at {shown(self._wall)} broke: {error!r}") from error
            for failure in failed_work():
                raise StepFailedError(
                    f"due work at {shown(self._wall)} broke: {failure.kind}: {failure.error}"
                )
            self._collect()
            if not done:
                return
        raise StepFailedError(f"due work at {shown(self._wall)} never ends")

    def _do(self, step: Step) -> None:
        if step.verb == "delivery":
            # A report speaks of a text that has gone.
            self._work_off()
        code = None
        try:
            PERFORM[step.verb](self._stage, step.asked)
        except RefusedError as error:
            code = error.code.value
        except NotThereError:
            # What an earlier refusal left unmade answers like anything one may not see.
            code = "not_allowed"
        except NameTakenError as error:
            raise ScriptError(self._script.path, step.line, f"{step.verb}.as", str(error)) from error
        except Exception as error:
            message = f"line {step.line}: {step.verb} at {shown(self._wall)} broke: {error!r}"
            raise StepFailedError(message) from error
        self._collect()
        if code is not None:
            self._effects.append(self._refusal(step, code))

    def _refusal(self, step: Step, code: str) -> Effect:
        fields = {"code": code}
        enrolment = step.asked.get("enrolment") or (step.asked["as"] if step.verb == "refer" else None)
        person = step.asked.get("person") or self._stage.known.person_of.get(enrolment or "")
        if enrolment is not None:
            fields["enrolment"] = enrolment
        if person is not None:
            fields["person"] = person
        return Effect(self._wall, "refused", step.verb, fields)

    def _collect(self) -> None:
        self._effects += self._trail.new_effects()
        db.session.remove()

    @property
    def _wall(self) -> datetime:
        return wall_time(self._stage.now)
