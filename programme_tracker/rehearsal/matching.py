"""Whether what a file expects came about: pure functions over effects."""

from collections.abc import Sequence
from dataclasses import dataclass

from programme_tracker.rehearsal.effects import Effect
from programme_tracker.rehearsal.script import ANY, Line, Script

#: How many effects are shown beside an expectation that failed.
_NEAREST = 3


@dataclass(frozen=True)
class Failure:
    """A line that did not hold, why, and the effects that speak to it."""

    section: str
    line: Line
    message: str
    nearest: tuple[Effect, ...]


def matches(line: Line, effect: Effect) -> bool:
    """Tell whether every field the line gives is equal; bounds are exclusive, ``*`` is any value."""
    return (
        line.kind == effect.kind
        and line.value in (ANY, effect.value)
        and all(_agrees(wanted, effect.fields.get(name)) for name, wanted in line.fields.items())
        and _is_in_time(line, effect)
    )


def failures(script: Script, effects: Sequence[Effect]) -> list[Failure]:
    """Return the lines that did not hold, expectations first, in the order of the file."""
    found = [_unmet(line, effects) for line in script.expect]
    found += [_broken(line, effects) for line in script.never]
    return [failure for failure in found if failure is not None]


def _agrees(wanted: str, actual: str | None) -> bool:
    return actual is not None and wanted in (ANY, actual)


def _is_in_time(line: Line, effect: Effect) -> bool:
    return (
        (line.at is None or effect.at == line.at)
        and (line.before is None or effect.at < line.before)
        and (line.after is None or effect.at > line.after)
    )


def _unmet(line: Line, effects: Sequence[Effect]) -> Failure | None:
    matched = [effect for effect in effects if matches(line, effect)]
    if line.count is None:
        if matched:
            return None
        return Failure("expect", line, "nothing matched", nearest(line, effects))
    if len(matched) == line.count:
        return None
    message = f"{len(matched)} matched, {line.count} expected"
    return Failure("expect", line, message, tuple(matched) or nearest(line, effects))


def _broken(line: Line, effects: Sequence[Effect]) -> Failure | None:
    matched = tuple(effect for effect in effects if matches(line, effect))
    if not matched:
        return None
    times = "once" if len(matched) == 1 else f"{len(matched)} times"
    return Failure("never", line, f"happened {times}", matched)


def nearest(line: Line, effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Return the effects of this kind that agree with most of the line, nearest in time first."""
    scored = [(_closeness(line, effect), effect) for effect in effects]
    alike = [(score, effect) for score, effect in scored if score > 0]
    alike.sort(key=lambda pair: (-pair[0], _distance(line, pair[1])))
    return tuple(effect for _, effect in alike[:_NEAREST])


def _closeness(line: Line, effect: Effect) -> int:
    if effect.kind != line.kind:
        return 0
    same_fields = sum(_agrees(wanted, effect.fields.get(name)) for name, wanted in line.fields.items())
    same_time = line.at is not None and effect.at == line.at
    return 1 + 4 * (line.value in (ANY, effect.value)) + 2 * same_fields + 2 * same_time


def _distance(line: Line, effect: Effect) -> float:
    meant = line.at or line.after or line.before
    return 0.0 if meant is None else abs((effect.at - meant).total_seconds())
