"""The promises of product.md §8 and §12, looked at after every step of a history."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from programme_tracker.audit.models import AuditEntry
from programme_tracker.audit.services import verify
from programme_tracker.engagement.models import Flag, FlagFinding
from programme_tracker.escalation.models import Case, CaseDecision, Notice, NoticeFinding
from programme_tracker.escalation.queries import overdue
from programme_tracker.jobs.failures import failures
from programme_tracker.kernel.database import db
from programme_tracker.messaging.models import Message
from programme_tracker.scheduling.queries import live_booking
from tests.machines.endings import check_ends
from tests.machines.model import Account, may_text_at, police_deadline, safety_deadline
from tests.machines.rules_restated import check_rules

OUTSIDE = ("police", "enforcement")
_DAY = timedelta(hours=24)


@dataclass
class Promises:
    """Watches one history; keeps what it has seen so that each thing is looked at once."""

    account: Account
    seen: int = 0
    #: How often everything was looked at.
    steps: int = 0
    #: When that was, and how far the trail went: every write is in it, so the same again is no news.
    looked_at: tuple[datetime, int | None] | None = None
    released: set[int] = field(default_factory=set)
    #: Findings of which victim safety was told, and (enrolment, kind) of everything else it was told.
    told_findings: set[int] = field(default_factory=set)
    told_kinds: set[tuple[int | None, str]] = field(default_factory=set)
    #: Notice → when it must have been answered, by our own reckoning.
    answer_by: dict[int, datetime] = field(default_factory=dict)

    def check(self, now: datetime) -> None:
        """Look at everything; raises AssertionError saying what does not hold."""
        self.steps += 1
        assert failures() == [], "due work failed"
        state = (now, db.session.scalar(select(func.max(AuditEntry.sequence))))
        if state != self.looked_at:
            late = overdue(now)
            self._read_trail()
            self._one_of_each()
            self._notices_move_on(late, now)
            self._mandated_misses_arrive(late, now)
            self._red_is_told_and_has_a_case()
            check_rules(self.account, now)
            check_ends(self.account, now)
            self.looked_at = state
        db.session.rollback()

    def check_end(self) -> None:
        """Look at the whole audit trail."""
        assert verify() is None

    def watch(self, message_id: int, now: datetime) -> None:
        """Refuse a text that must not go, by our own account of what was decided."""
        message = db.session.get_one(Message, message_id)
        sitting = self.account.sitting(message.session_id or 0)
        person = self.account.person(message.enrolment_id or 0)
        about = f"{message.kind.value} text about session {sitting.session_id}"
        assert person.gate_open, f"{about} went without a sign-off"
        assert not person.paused, f"{about} went to somebody suspended"
        assert not person.left, f"{about} went to somebody who left"
        assert not person.opted_out, f"{about} went after STOP"
        assert now < sitting.starts_at, f"{about} went after its start"
        assert may_text_at(now, sitting.starts_at, message.kind == "reminder"), f"{about} went at {now}"
        if message.kind == "cancelled":
            assert sitting.cancelled, f"{about} went although it is on"
        else:
            assert not sitting.cancelled, f"{about} went after its cancellation"
            assert message.session_version == sitting.version, f"{about} names an old time"
            assert person.enrolment_id not in sitting.outcomes, f"{about} went after its register"
            assert live_booking(sitting.session_id, person.enrolment_id), f"{about} went without a booking"
        db.session.rollback()

    def _read_trail(self) -> None:
        """Go through what was released since last time, in the order in which it was released."""
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.sequence > self.seen).order_by(AuditEntry.sequence)
        ).all()
        for entry in entries:
            self.seen = entry.sequence
            if entry.event == "notice.released":
                assert entry.subject_id not in self.released, f"notice {entry.subject_id} was released twice"
                self.released.add(entry.subject_id or 0)
                self._released(db.session.get_one(Notice, entry.subject_id), entry.detail)

    def _released(self, notice: Notice, detail: dict[str, object]) -> None:
        about = set(
            db.session.scalars(select(NoticeFinding.finding_id).where(NoticeFinding.notice_id == notice.id))
        )
        kind = (notice.enrolment_id, notice.kind)
        if notice.to_role == "victim_safety":
            self.told_findings |= about
            self.told_kinds.add(kind)
        elif notice.to_role in OUTSIDE and notice.kind not in ("chase", "danger"):
            assert not detail.get("order_waived")
            assert about <= self.told_findings, f"{notice.to_role} was told of {about} before victim safety"
            assert kind in self.told_kinds, f"{notice.to_role} got {notice.kind} before victim safety did"
        if notice.must_acknowledge and notice.released_at is not None:
            self._expect_answer(notice, notice.released_at)
        if notice.staff_id is not None and notice.to_role == "victim_safety" and notice.released_at:
            is_away = self.account.is_away(notice.staff_id, notice.released_at)
            assert not is_away, f"notice {notice.id} went to somebody on leave"

    def _expect_answer(self, notice: Notice, released_at: datetime) -> None:
        risk = self.account.person(notice.enrolment_id or 0).risk
        is_safety = notice.to_role == "victim_safety"
        self.answer_by[notice.id] = safety_deadline(released_at, risk) if is_safety else released_at + _DAY
        assert notice.acknowledge_by == self.answer_by[notice.id], f"notice {notice.id} has a wrong deadline"

    def _one_of_each(self) -> None:
        cases = Counter(db.session.scalars(select(Case.enrolment_id).where(Case.closed_at.is_(None))))
        assert max(cases.values(), default=0) <= 1, "two open cases"
        flags = db.session.execute(select(Flag.enrolment_id, Flag.rule).where(Flag.state == "open"))
        assert max(Counter(flags).values(), default=0) <= 1, "two open flags of one rule"
        told = db.session.execute(
            select(NoticeFinding.finding_id, Notice.to_role, Notice.staff_id)
            .join(Notice, Notice.id == NoticeFinding.notice_id)
            .where(Notice.released_at.is_not(None))
        )
        assert max(Counter(told).values(), default=0) <= 1, "somebody was told of one finding twice"

    def _notices_move_on(self, overdue_ones: Sequence[Notice], now: datetime) -> None:
        """See that what nobody answered was chased, and stands on the manager's page."""
        late = {notice.id for notice in overdue_ones}
        chased = Counter(
            (notice.about_id, notice.to_role)
            for notice in db.session.scalars(select(Notice).where(Notice.kind == "chase"))
        )
        corrected = set(db.session.scalars(select(Notice.about_id).where(Notice.kind == "correction")))
        open_ones = select(Notice).where(Notice.id.in_(self.answer_by), Notice.acknowledged_at.is_(None))
        for notice in db.session.scalars(open_ones):
            due = self.answer_by[notice.id]
            if now <= due:
                continue
            assert notice.id in late, f"notice {notice.id} is late and no manager sees it"
            if notice.id in corrected:
                continue
            if notice.to_role == "victim_safety":
                assert chased[notice.id, "victim_safety"] == 1, f"nobody stands in for notice {notice.id}"
                assert chased[notice.id, "manager"] == 1, f"the manager does not know of notice {notice.id}"
            else:
                assert chased[notice.id, notice.to_role] == 1, f"notice {notice.id} was not chased"
                assert chased[notice.id, "manager"] == (now >= due + _DAY), f"notice {notice.id} stays put"

    def _mandated_misses_arrive(self, overdue_ones: Sequence[Notice], now: datetime) -> None:
        told, waiting = self._told_outside(), self._waiting(overdue_ones)
        for key, recorded_at in self.account.mandated_misses().items():
            deadline = police_deadline(recorded_at)
            if key in told:
                moments = (deadline, *self._holds(key[0], recorded_at))
                latest = max(self.account.at_work(moment) for moment in moments)
                assert told[key] <= latest, f"{key} was told late"
            elif now > self.account.at_work(deadline):
                assert key in waiting, f"the miss {key} of {recorded_at} is lost"

    def _told_outside(self) -> dict[tuple[int, int], datetime]:
        """Return when police, or enforcement where no officer is named, were first told of each miss.

        Another rule may come true at the same session later; its notice is not about the miss.
        """
        rows = db.session.execute(
            select(Notice.enrolment_id, FlagFinding.session_id, func.min(Notice.released_at))
            .join(NoticeFinding, NoticeFinding.notice_id == Notice.id)
            .join(FlagFinding, FlagFinding.id == NoticeFinding.finding_id)
            .join(FlagFinding.flag)
            .where(
                Flag.rule == "mandated_session_missed",
                Notice.to_role.in_(OUTSIDE),
                Notice.released_at.is_not(None),
                FlagFinding.withdrawn_at.is_(None),
            )
            .group_by(Notice.enrolment_id, FlagFinding.session_id)
        )
        return {(enrolment or 0, session or 0): at for enrolment, session, at in rows if at}

    def _waiting(self, overdue_ones: Sequence[Notice]) -> set[tuple[int, int]]:
        """Return the misses whose late notice a manager sees."""
        late = [notice.id for notice in overdue_ones if notice.released_at is None]
        rows = db.session.execute(
            select(Notice.enrolment_id, FlagFinding.session_id)
            .join(NoticeFinding, NoticeFinding.notice_id == Notice.id)
            .join(FlagFinding, FlagFinding.id == NoticeFinding.finding_id)
            .join(FlagFinding.flag)
            .where(Notice.id.in_(late), Flag.rule == "mandated_session_missed")
        )
        return {(enrolment or 0, session or 0) for enrolment, session in rows}

    def _holds(self, enrolment_id: int, since: datetime) -> list[datetime]:
        """Return until when managers have agreed to hold what was recorded by then; never empty."""
        held = (
            select(CaseDecision.hold_until)
            .join(CaseDecision.case)
            .where(Case.enrolment_id == enrolment_id, CaseDecision.cosigned_at >= since)
        )
        return [since, *(until for until in db.session.scalars(held) if until is not None)]

    def _red_is_told_and_has_a_case(self) -> None:
        cases = set(db.session.scalars(select(Case.enrolment_id).where(Case.closed_at.is_(None))))
        red = select(FlagFinding.id, FlagFinding.explanation, Flag.state, Flag.enrolment_id, Flag.rule)
        found = db.session.execute(red.join(FlagFinding.flag).where(Flag.level == "red"))
        for finding_id, explanation, state, enrolment_id, name in found:
            assert finding_id in self.told_findings, f"victim safety does not know of {explanation}"
            if state == "open":
                assert enrolment_id in cases, f"no case for the open flag {name}"
