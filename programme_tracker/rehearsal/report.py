"""What a rehearsal came to, for people and for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from programme_tracker.rehearsal.effects import Effect, shown
from programme_tracker.rehearsal.matching import Failure
from programme_tracker.rehearsal.script import Line


@dataclass(frozen=True)
class Result:
    """One file: what came about and what did not hold; ``fault`` when it could not be run."""

    path: str
    title: str
    effects: Sequence[Effect] = ()
    failures: Sequence[Failure] = ()
    fault: str | None = None

    @property
    def held(self) -> bool:
        """Tell whether every line of the file held."""
        return self.fault is None and not self.failures


def as_json(results: Iterable[Result]) -> str:
    """Return the results as the JSON list that ``--json`` promises."""
    return json.dumps([_result_data(result) for result in results], indent=2, ensure_ascii=False)


def as_text(results: Sequence[Result]) -> str:
    """Return the results as lines for a terminal."""
    lines = [line for result in results for line in _result_lines(result)]
    held = sum(result.held for result in results)
    return "\n".join([*lines, f"{held} of {len(results)} held"])


def written(line: Line) -> dict[str, Any]:
    """Return an expectation as the file gives it."""
    times = {"at": line.at, "before": line.before, "after": line.after}
    data: dict[str, Any] = {line.kind: line.value, **line.fields}
    data |= {name: shown(moment) for name, moment in times.items() if moment is not None}
    return data if line.count is None else data | {"count": line.count}


def _result_data(result: Result) -> dict[str, Any]:
    problems = [_failure_data(failure) for failure in result.failures]
    if result.fault is not None:
        problems.insert(0, {"message": result.fault})
    return {
        "file": result.path,
        "held": result.held,
        "failures": problems,
        "effects": [effect.as_data() for effect in result.effects],
    }


def _failure_data(failure: Failure) -> dict[str, Any]:
    return {
        "section": failure.section,
        "line": failure.line.line,
        "wanted": written(failure.line),
        "message": failure.message,
        "nearest": [effect.as_data() for effect in failure.nearest],
    }


def _result_lines(result: Result) -> Iterable[str]:
    yield f"{'held  ' if result.held else 'FAILED'} {result.path}: {result.title}"
    if result.fault is not None:
        yield f"    {result.fault}"
    for failure in result.failures:
        place = f"line {failure.line.line}, {failure.section}"
        yield f"    {place} {_flow(written(failure.line))}: {failure.message}"
        for effect in failure.nearest:
            yield f"        {_flow(effect.as_data())}"


def _flow(data: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in data.items()) + "}"
