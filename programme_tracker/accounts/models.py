"""Staff, their leave, and the sessions they are signed in with."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.database import Model
from programme_tracker.kernel.encryption import SEALED


def _role_column() -> Enum:
    """Store a role by its value; CHECK constraints of our own say which are allowed."""
    return Enum(Role, native_enum=False, create_constraint=False, length=20, values_callable=_values)


def _values(roles: type[Role]) -> list[str]:
    return [role.value for role in roles]


class Staff(Model):
    """A person who may sign in. Never deleted, only disabled: the audit trail points here."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("username = lower(username)", name="username_lower"),
        CheckConstraint(
            "also_role IS NULL OR (role = 'facilitator' AND also_role = 'caseworker')"
            " OR (role = 'caseworker' AND also_role = 'facilitator')",
            name="roles_together",
        ),
        CheckConstraint("deputy_id IS NULL OR deputy_id <> id", name="own_deputy"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(_role_column(), index=True)
    also_role: Mapped[Role | None] = mapped_column(_role_column(), index=True)
    email: Mapped[str | None]
    mobile: Mapped[str | None]
    password_hash: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as written

    @property
    def roles(self) -> frozenset[Role]:
        """The one role, or facilitator and caseworker together."""
        return frozenset(role for role in (self.role, self.also_role) if role is not None)

    @property
    def actor(self) -> Actor:
        """The person as every write and the audit trail name them."""
        return Actor(staff_id=self.id, name=self.name, roles=self.roles)


class StaffLeave(Model):
    """Days on which somebody is away, London dates, both ends included."""

    __tablename__ = "staff_leave"
    __table_args__ = (CheckConstraint("from_on <= to_on", name="ends_after_start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]


class SignInSession(Model):
    """One signed-in browser. The cookie holds a random token; this row only its SHA-256.

    ``expires_at`` is the latest moment whatever happens; idling ends it earlier. ``is_proven``
    tells that a sign-in code was given after the password. ``ended_why`` is ``signed_out``,
    ``password_changed``, ``role_changed``, ``disabled``, ``everywhere``, ``elsewhere``,
    ``codes_reset`` or ``replaced``.
    """

    __tablename__ = "sign_in_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    is_proven: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]


class CodeSource(Model):
    """The app on somebody's phone that makes their sign-in codes: the secret it shares with us.

    ``secret_sealed`` is sealed for its row. Until ``confirmed_at`` it has not been shown to work.
    ``last_step`` is the 30-second step of the newest code taken; none from it or before counts again.
    """

    __tablename__ = "code_sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    secret_sealed: Mapped[str] = mapped_column(info=SEALED)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Model):
    """One code for the day the phone is lost, as its Argon2id hash. It works once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class SignInAddress(Model):
    """A network address from which sign-ins were refused, known by a keyed digest alone."""

    __tablename__ = "sign_in_addresses"

    address_index: Mapped[str] = mapped_column(primary_key=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_failed_at: Mapped[datetime] = mapped_column(index=True)


class CalendarFeed(Model):
    """An address at which a calendar program reads one person's appointments without signing in.

    The address holds a long random secret; this row only its SHA-256. At most one of a person is
    live. ``hour_began_at`` and ``reads`` count how often it was read within an hour.
    """

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        Index(
            "uq_calendar_feeds_live",
            "staff_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_read_at: Mapped[datetime | None]
    hour_began_at: Mapped[datetime | None]
    reads: Mapped[int] = mapped_column(default=0)
