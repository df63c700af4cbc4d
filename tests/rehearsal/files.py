"""Rehearsal files written for a test."""

from pathlib import Path
from textwrap import dedent

HEAD = """\
title: A test
start: 2026-09-01 09:00
until: 2026-09-30 09:00
cast:
  vic: {role: victim_safety}
  fay: {role: facilitator}
  kit: {role: caseworker}
  oic: {role: police}
people:
  sam: {mobile: "07700 900101"}
"""
#: Lines of HEAD, so that a test can say on which line its own text begins.
HEAD_LINES = HEAD.count("\n")

REFER = (
    "  - {at: 2026-09-01 09:00, refer: {person: sam, programme: cara, as: sam-cara, by: oic, lead: kit,"
    " worker: vic, caution_expires: 2026-12-31}}\n"
)


def write(folder: Path, text: str, name: str = "test.yaml") -> str:
    """Write a file and return its path."""
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return str(path)


def timeline(*lines: str) -> str:
    """Return a file with these lines of timeline after a referral of sam to CARA."""
    return HEAD + "timeline:\n" + REFER + "".join(f"  - {{{line}}}\n" for line in lines)
