"""Who may do what, checked where it is done; pages check again before they offer it."""

from programme_tracker.kernel.actor import Actor, Role
from programme_tracker.kernel.errors import Code, RefusedError

#: Those who work with participants.
DELIVERY = (Role.FACILITATOR, Role.CASEWORKER, Role.MANAGER)


def require(actor: Actor, *roles: Role, why: str) -> None:
    """Refuse an actor who holds none of ``roles``; the system itself may always act."""
    if not actor.is_system and not actor.has(*roles):
        raise RefusedError(Code.NOT_ALLOWED, why)
