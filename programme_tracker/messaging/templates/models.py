"""The tables of wordings. A version is never changed: another one follows it."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from programme_tracker.kernel.database import Model


class TemplateVersion(Model):
    """One version of one template; the newest of its place counts, from the moment it was made.

    An empty ``programme_code`` stands for every programme; ``name`` tells answers apart and is
    empty otherwise. An empty ``text`` takes the template back: the next in the chain counts.
    """

    __tablename__ = "template_versions"
    __table_args__ = (UniqueConstraint("kind", "name", "programme_code", "language", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    programme_code: Mapped[str] = mapped_column(default="")
    language: Mapped[str]
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    note: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]


class TextLanguage(Model):
    """A language, or a variant of one, that a manager added; ``dates`` is how its days are said."""

    __tablename__ = "text_languages"

    code: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(unique=True)
    dates: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]


class BannedWord(Model):
    """A word that no text may say, added by a manager to those that come with the product."""

    __tablename__ = "banned_words"
    __table_args__ = (
        Index(
            "uq_banned_words_open",
            "folded",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str]
    folded: Mapped[str]
    reason: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[int | None]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[int | None]
    removed_because: Mapped[str | None]
