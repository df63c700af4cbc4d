"""What people write who are not the one the text was for: the list that a manager keeps."""

from datetime import datetime

from sqlalchemy import select

from programme_tracker.audit.services import record
from programme_tracker.kernel.actor import Actor
from programme_tracker.kernel.database import db
from programme_tracker.kernel.transaction import serialised, transaction
from programme_tracker.messaging.models import WrongPersonPhrase
from programme_tracker.messaging.texts import plain_words


def list_phrase(phrase: str, is_listed: bool, *, actor: Actor, now: datetime) -> None:
    """Put a phrase on the list of wrong-person phrases, or take it off (product.md §5).

    Case, apostrophes and punctuation make no difference. Raises ValueError for one without a word.
    """
    words = " ".join(plain_words(phrase))
    if not words:
        raise ValueError("a phrase holds at least one word")
    with transaction():
        serialised("wrong_person_phrases")
        row = db.session.scalar(select(WrongPersonPhrase).where(WrongPersonPhrase.words == words))
        if row is None:
            row = WrongPersonPhrase(words=words, phrase="", is_listed=False)
            db.session.add(row)
        row.phrase, row.is_listed = " ".join(phrase.split()), is_listed
        row.changed_at, row.changed_by = now, actor.staff_id
        db.session.flush()
        event = "phrase.listed" if is_listed else "phrase.unlisted"
        record(event, row, actor=actor, at=now, phrase=row.phrase)
