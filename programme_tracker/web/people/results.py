"""Who was found, and why each is in the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from programme_tracker.kernel.actor import Actor
from programme_tracker.people.finding.rules import Asked, Part, compact, words_of
from programme_tracker.people.models import Participant
from programme_tracker.referrals.models import Enrolment, Referral
from programme_tracker.web.presentation import number_words
from programme_tracker.workflows.searching import FoundPeople


@dataclass(frozen=True)
class PersonLine:
    """One enrolment, or one referral without any, in the list: ``why`` says what it was found by."""

    name: str
    reference: str
    programme: str
    born_on: date
    status: str
    lead: str
    why: str
    enrolment_id: int | None = None
    referral_id: int | None = None
    #: The sign-off, where it is not simply granted.
    gate: str = ""


@dataclass(frozen=True)
class Results:
    """A page of results as it is shown."""

    mine: Sequence[PersonLine]
    people: Sequence[PersonLine]
    referred: Sequence[PersonLine]
    page: int
    has_more: bool
    is_too_short: bool

    @property
    def is_empty(self) -> bool:
        """Tell whether nobody was found."""
        return not (self.mine or self.people or self.referred)


def results_of(found: FoundPeople, actor: Actor) -> Results:
    """Return what was found, in words."""
    return Results(
        mine=[_enrolled(one, found.asked, actor) for one in found.mine],
        people=[_enrolled(one, found.asked, actor) for one in found.enrolments],
        referred=[_referred(one, found.asked) for one in found.referrals],
        page=found.page,
        has_more=found.has_more,
        is_too_short=found.asked.is_too_short,
    )


def _enrolled(enrolment: Enrolment, asked: Asked, actor: Actor) -> PersonLine:
    person = enrolment.participant
    is_lead = enrolment.lead_id is not None and enrolment.lead_id == actor.staff_id
    lead = enrolment.lead.name if enrolment.lead else "the whole team"
    return PersonLine(
        name=person.name,
        reference=person.reference,
        programme=enrolment.programme.name,
        born_on=person.born_on,
        status=enrolment.status,
        lead="you" if is_lead else lead,
        why=why_found(asked, person, enrolment.caution_reference),
        enrolment_id=enrolment.id,
        gate="" if enrolment.gate == "granted" else enrolment.gate,
    )


def _referred(referral: Referral, asked: Asked) -> PersonLine:
    person = referral.participant
    return PersonLine(
        name=person.name,
        reference=person.reference,
        programme=referral.programme.name,
        born_on=person.born_on,
        status=referral.status,
        lead="",
        why=why_found(asked, person, referral.caution_reference),
        referral_id=referral.id,
    )


def why_found(asked: Asked, person: Participant, caution: str | None) -> str:
    """Say by what somebody was found: the name, the reference, the number or the caution; "" for a list."""
    if not asked.parts and asked.code is None:
        return ""
    if asked.reference == person.reference:
        return f"Reference {person.reference}"
    codes = [part for part in (*asked.parts, asked.code) if part is not None and _has_figures(part)]
    if any(_holds(person.mobile, part) for part in codes):
        return f"Number {number_words(person.mobile)}"
    if caution and any(_holds(caution, part) for part in codes):
        return f"Caution {caution}"
    if any(_holds(person.reference, part) for part in codes):
        return f"Reference {person.reference}"
    if codes:
        return "An earlier caution"
    return "Name" if _begins(asked, person.name) else "Part of the name"


def _has_figures(part: Part) -> bool:
    return any(map(str.isdigit, "".join(part.beginnings)))


def _holds(code: str | None, part: Part) -> bool:
    held = compact(code or "")
    return any(beginning in held for beginning in part.beginnings)


def _begins(asked: Asked, name: str) -> bool:
    words = words_of(name)
    return all(any(word.startswith(typed) for word in words) for typed in asked.words)
