"""Texts that somebody has to read: the lead's replies, and what was set apart for victim safety."""

from datetime import datetime

from programme_tracker.kernel.actor import Actor
from programme_tracker.web.presentation import moment_words
from programme_tracker.web.texts.inbox import Waiting, inbox_of
from programme_tracker.web.texts.set_apart_list import waiting_apart
from programme_tracker.web.today.lines import Line, Section, address


def to_read(actor: Actor, now: datetime) -> Section:
    """List the replies to this lead, and those from numbers nobody here has, oldest first."""
    inbox = inbox_of(actor, now)
    lines = sorted([*inbox.mine, *inbox.unknown], key=lambda one: one.since_at)
    return Section("Replies to read", [_line(one, now) for one in lines])


def _line(one: Waiting, now: datetime) -> Line:
    return Line(
        title=one.title,
        why=f"{one.words} Since {moment_words(one.since_at, now)}.",
        url=one.url,
        action="Read and answer" if one.is_known else "Read",
    )


def set_apart(_actor: Actor, now: datetime) -> Section:
    """Say that texts set apart wait to be read; what they say is on their own page alone."""
    waiting = waiting_apart()
    if not waiting:
        return Section("Texts set apart")
    why = f"Somebody else may have written. The oldest came {moment_words(waiting[0].received_at, now)}."
    count = len(waiting)
    title = "One text to read" if count == 1 else f"{count} texts to read"
    return Section("Texts set apart", [Line(title, why, url=address("set_apart.index"), action="Read")])
