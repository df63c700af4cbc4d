"""The command behind ``programme-tracker rehearse``."""

import sys
import traceback
from collections.abc import Sequence

from programme_tracker.rehearsal import report
from programme_tracker.rehearsal.reading import read_script
from programme_tracker.rehearsal.report import Result
from programme_tracker.rehearsal.runner import StepFailedError, run_script
from programme_tracker.rehearsal.script import ScriptError
from programme_tracker.rehearsal.stage import MakeApp

HELD, FAILED, UNREADABLE = 0, 1, 2


def rehearse_files(paths: Sequence[str], *, as_json: bool, make_app: MakeApp) -> int:
    """Run every file and print what held; return the exit status.

    0: everything held; 1: something did not; 2: a file cannot be read. Errors of reading go to
    standard error, and the other files run all the same.
    """
    results = []
    status = HELD
    for path in paths:
        result, code = _rehearsed(path, make_app)
        results.append(result)
        status = max(status, code)
    sys.stdout.write((report.as_json(results) if as_json else report.as_text(results)) + "\n")
    return status


def _rehearsed(path: str, make_app: MakeApp) -> tuple[Result, int]:
    title = path
    try:
        script = read_script(path)
        title = script.title
        result = run_script(script, make_app)
    except ScriptError as error:
        sys.stderr.write(f"{error}\n")
        return Result(path, title, fault=str(error)), UNREADABLE
    except StepFailedError as error:
        traceback.print_exception(error, file=sys.stderr)
        return Result(path, title, fault=str(error)), FAILED
    return result, HELD if result.held else FAILED
