"""Tasks in the field's words."""

from collections.abc import Mapping

from programme_tracker.tasks.models import TaskKind
from programme_tracker.web.presentation import words

TITLES: Mapping[str, str] = {
    TaskKind.FOLLOW_UP_ABSENCE: "Follow up an absence",
    TaskKind.SUBMIT_REGISTER: "Submit a register",
    TaskKind.CALL_PARTICIPANT: "Ring the participant",
    TaskKind.PARTNER_CONTACT: "Contact the partner",
    TaskKind.SIGN_OFF: "Sign-off",
    TaskKind.RECONSENT: "Ask for consent to text",
    TaskKind.REVIEW_MONITORING: "Review monitoring",
    TaskKind.BOOK_CATCH_UP: "Book another session",
    TaskKind.FIRST_CONTACT: "Book the first workshop",
    TaskKind.CHECK_NUMBER: "Check the number",
    TaskKind.STAFFING: "Find staff",
    TaskKind.DECIDE_HOLD: "Decide on a hold",
    TaskKind.OFFER_PLACE: "Offer a place",
    TaskKind.CHECK_STAFF_ADDRESS: "Find out how to reach a colleague",
    TaskKind.SETTLE_TEXT: "Decide whether a text went",
    TaskKind.SENDING_FAULT: "Put the sending of texts right",
    TaskKind.PARTNER_ASSESSMENT: "Assess again",
}

#: What the button on a list says.
ACTIONS: Mapping[str, str] = {
    TaskKind.SIGN_OFF: "Look at sign-off",
    TaskKind.CALL_PARTICIPANT: "Ring and note it",
    TaskKind.PARTNER_CONTACT: "Open the file",
    TaskKind.PARTNER_ASSESSMENT: "Open the file",
    TaskKind.REVIEW_MONITORING: "Review",
    TaskKind.DECIDE_HOLD: "Look at it",
}


def title_of(kind: str) -> str:
    """Name what a task asks for."""
    return TITLES.get(kind, words(kind))


def action_of(kind: str) -> str:
    """Name the button that leads to a task."""
    return ACTIONS.get(kind, "Open task")
