"""Refused sign-ins by network address: many names tried from one place make it wait."""

import ipaddress
from datetime import datetime
from typing import TypeGuard

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from programme_tracker.accounts.models import SignInAddress
from programme_tracker.accounts.rules import ADDRESS_FORGOTTEN_AFTER, wait_of_address
from programme_tracker.kernel.database import db
from programme_tracker.kernel.encryption import field_keys
from programme_tracker.kernel.transaction import locked, transaction


class AddressWaitsError(Exception):
    """Too many sign-ins were refused to one network address; it waits until ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many sign-ins were refused to this address")
        self.until = until


def check_address(address: str | None, *, now: datetime) -> None:
    """Raise AddressWaitsError while an address waits. It says nothing about any account."""
    if not _is_telling(address):
        return
    row = db.session.get(SignInAddress, _index(address))
    if row is not None and row.locked_until is not None and now < row.locked_until:
        raise AddressWaitsError(row.locked_until)


def count_refusal(address: str | None, *, now: datetime) -> None:
    """Count a refused sign-in against an address; addresses quiet for a day are forgotten."""
    if not _is_telling(address):
        return
    index = _index(address)
    with transaction():
        db.session.execute(
            delete(SignInAddress).where(SignInAddress.last_failed_at < now - ADDRESS_FORGOTTEN_AFTER)
        )
        insert = sqlite_insert if db.session.get_bind().dialect.name == "sqlite" else postgresql_insert
        fresh = insert(SignInAddress).values(address_index=index, failed_sign_ins=0, last_failed_at=now)
        db.session.execute(fresh.on_conflict_do_nothing())
        row = locked(SignInAddress, index)
        row.failed_sign_ins += 1
        row.last_failed_at = now
        wait = wait_of_address(row.failed_sign_ins)
        row.locked_until = now + wait if wait else None


def _is_telling(address: str | None) -> TypeGuard[str]:
    """Tell whether an address tells people apart. This machine's own stands for all its proxies' people."""
    if not address:
        return False
    try:
        return not ipaddress.ip_address(address).is_loopback
    except ValueError:
        return True


def _index(address: str) -> str:
    """Return the digest an address is known by. An IPv6 network of one home counts as one."""
    return field_keys().index(f"sign-in address {_place(address)}")


def _place(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
