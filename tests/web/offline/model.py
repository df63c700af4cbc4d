"""A model of phones, their people and a network that loses, doubles and delays, over the service's real door.

A phone here does what ``static/js/offline/sheets.js`` and ``sync.js`` do; tests/browser shows those
themselves. What it sends goes through the application's own addresses.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

#: What people mark, as the fields of a row.
ROWS = (
    {"outcome": "attended"},
    {"outcome": "absent"},
    {"outcome": "left_early", "note": "went at half past"},
    {"arrived": "18:35"},
    {"outcome": "sent_home", "note": "smelt of drink"},
)

Fields = dict[str, str]


@dataclass
class Request:
    """Something on its way to the service; ``answer`` is called at most as often as it arrives."""

    phone: "Phone"
    body: Fields


@dataclass
class Answer:
    """Something on its way back."""

    phone: "Phone"
    token: str
    status: int
    told: dict[str, Any]


@dataclass
class Phone:
    """One phone's sheet of one register, and what its owner did."""

    name: str
    client: FlaskClient
    session_id: int
    people: list[int]
    rng: random.Random
    marks: dict[int, Fields] = field(default_factory=dict)
    state: str = "blank"
    token: str = ""
    seen: int = 1
    trouble: dict[str, Any] = field(default_factory=dict)
    #: What the owner said last of each person, until the owner takes it back.
    said: dict[int, Fields] = field(default_factory=dict)
    is_signed_in: bool = True

    def mark(self, who: int, row: Fields) -> None:
        """Mark one person, as a tap does: what was submitted before is another submission now."""
        self.seen = self._seen()
        self.marks[who] = self.said[who] = row
        self.state, self.token = "marked", ""

    def take_out(self, who: int) -> None:
        """Take a mark out, by the owner's own hand."""
        self.seen = self._seen()
        self.marks.pop(who, None)
        self.said.pop(who, None)
        self.state, self.token = "marked" if self.marks else "blank", ""

    def _seen(self) -> int:
        return int(self.trouble.get("version", self.seen)) if self.state == "refused" else self.seen

    def submit(self) -> None:
        """Press the button: from here on it goes by itself."""
        if set(self.people) - set(self.marks):
            return
        self.seen = self._seen()
        self.state, self.token = "waiting", self.token or UUID(int=self.rng.getrandbits(128)).hex

    def body(self) -> Fields:
        """Return what is sent."""
        fields = {f"m-{who}-{name}": text for who, row in self.marks.items() for name, text in row.items()}
        return {"about": str(self.session_id), "token": self.token, "seen_version": str(self.seen)} | fields

    def hear(self, answer: Answer, is_kept: Callable[["Phone"], bool]) -> None:
        """Take an answer in: the sheet goes only when the service has what is on it."""
        if answer.token != self.token or self.state != "waiting":
            return
        if answer.status == 200:
            assert is_kept(self), f"{self.name} was told that its marks are there, and they are not"
            self.marks, self.state, self.token, self.said = {}, "blank", "", {}
        elif answer.told.get("error") == "submitted_meanwhile":
            self.state, self.trouble = "beside", answer.told
        elif answer.status in {404, 409, 422} and answer.told.get("error") != "not_begun":
            self.state, self.trouble = "refused", answer.told


class Network:
    """What is under way, in both directions; nothing arrives in any order, or only once, or at all."""

    def __init__(self, rng: random.Random, serve: Callable[[Request], Answer]) -> None:
        self.rng, self.serve = rng, serve
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        self.dropped = self.doubled = 0

    def send(self, phone: Phone) -> None:
        """Let a phone try what waits on it."""
        if phone.state == "waiting":
            self.requests.append(Request(phone, phone.body()))

    def disturb(self) -> None:
        """Lose or double something under way, in either direction."""
        lanes: list[list[Any]] = [lane for lane in (self.requests, self.answers) if lane]
        if not lanes:
            return
        lane = self.rng.choice(lanes)
        one = self.rng.choice(lane)
        if self.rng.random() < 0.5:
            lane.remove(one)
            self.dropped += 1
        else:
            lane.append(one)
            self.doubled += 1

    def carry(self, is_kept: Callable[[Phone], bool]) -> None:
        """Let something arrive, whichever it is."""
        if self.requests and (not self.answers or self.rng.random() < 0.6):
            request = self.requests.pop(self.rng.randrange(len(self.requests)))
            self.answers.append(self.serve(request))
        elif self.answers:
            answer = self.answers.pop(self.rng.randrange(len(self.answers)))
            answer.phone.hear(answer, is_kept)
