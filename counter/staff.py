# SPDX-License-Identifier: Apache-2.0
"""Accounts of the console: argon2id passwords, sessions, and a pause after failed logins.

The cookie holds 256 random bits; the table holds only their hash. A new session is made at every
login; it ends when idle, after its longest time, at logout, and at once when the account is
switched off.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from counter.events import Actor
from counter.moves import STAFF_ROLES, Role
from counter.office import Office
from counter.tables import LoginFailure, Staff, StaffSession

MIN_PASSWORD = 8
MAX_PASSWORD = 256
# argon2-cffi's defaults are the low-memory profile of RFC 9106 (64 MiB, 3 passes, 4 lanes).
_HASHER = PasswordHasher()


class StaffError(Exception):
    """An account cannot be made; one sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who is at the console. `csrf` must come back with every change."""

    name: str
    role: Role
    unit: str
    csrf: str
    token_hash: str

    @property
    def actor(self) -> Actor:
        """The officer as the log names them."""
        return Actor(self.name, self.role, self.unit)


def add_account(office: Office, name: str, role: str, unit: str, password: str) -> None:
    """Adds an account. Raises StaffError (name taken, role unknown, password too short)."""
    if role not in STAFF_ROLES:
        raise StaffError(f"'{role}' is no role; roles are {', '.join(STAFF_ROLES)}.")
    if not name.isascii() or not name.isidentifier() or len(name) > 32:
        raise StaffError("a name is 1 to 32 letters, digits and underscores.")
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise StaffError(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.")
    hashed = _HASHER.hash(password)
    with office.database.write() as session:
        if session.get(Staff, name) is not None:
            raise StaffError(f"the account '{name}' exists already.")
        session.add(
            Staff(name=name, role=role, unit=unit, password=hashed, created_at=office.clock.now())
        )


def log_in(office: Office, name: str, password: str, address: str) -> str | None:
    """The new session's cookie, or None: wrong, switched off or paused all look the same."""
    now = office.clock.now()
    with office.database.read() as session:
        account = session.get(Staff, name[:32])
        paused = _is_paused(office, session, name, address)
        stored = account.password if account and account.active else None
    # Unknown names cost the same hash as known ones.
    right = _matches(stored or _dummy(), password[:MAX_PASSWORD]) and stored is not None
    with office.database.write() as session:
        if paused or not right:
            if not paused:
                session.add(LoginFailure(name=name[:32], address=address[:64], at=now))
            return None
        shift = timedelta(hours=office.settings.console.absolute_hours)
        session.execute(delete(StaffSession).where(StaffSession.opened_at < now - shift))
        session.execute(delete(LoginFailure).where(LoginFailure.at < now - timedelta(days=1)))
        session.execute(delete(LoginFailure).where(LoginFailure.name == name))
        token = secrets.token_urlsafe(32)
        session.add(
            StaffSession(
                token_hash=_hash(token),
                name=name,
                csrf=secrets.token_urlsafe(32),
                opened_at=now,
                used_at=now,
            )
        )
    return token


def who(office: Office, token: str | None, *, keep: bool = True) -> Login | None:
    """The login of a cookie, or None when there is none or it has ended.

    `keep` counts this as use. A page that refreshes by itself is no use, or an abandoned desk
    would stay logged in for ever.
    """
    if not token:
        return None
    now = office.clock.now()
    door = office.settings.console
    with office.database.read() as session:
        held = session.get(StaffSession, _hash(token))
        account = session.get(Staff, held.name) if held else None
        if held is None or account is None or not account.active:
            return None
        if now - held.used_at > timedelta(minutes=door.idle_minutes):
            return None
        if now - held.opened_at > timedelta(hours=door.absolute_hours):
            return None
        login = Login(account.name, Role(account.role), account.unit, held.csrf, held.token_hash)
        stale = now - held.used_at > timedelta(seconds=30)
    if stale and keep:
        touch(office, login)
    return login


def touch(office: Office, login: Login) -> None:
    """Notes that the session was used."""
    with office.database.write() as session:
        held = session.get(StaffSession, login.token_hash)
        if held is not None:
            held.used_at = office.clock.now()


def log_out(office: Office, login: Login) -> None:
    """Ends the session."""
    with office.database.write() as session:
        session.execute(delete(StaffSession).where(StaffSession.token_hash == login.token_hash))


def csrf_fits(login: Login, shown: str) -> bool:
    """Whether a form came from a page of this session."""
    return hmac.compare_digest(login.csrf.encode(), shown.encode())


def _is_paused(office: Office, session: Session, name: str, address: str) -> bool:
    rule = office.settings.lockout
    since = office.clock.now() - timedelta(minutes=rule.pause_minutes)
    recent = select(func.count()).select_from(LoginFailure).where(LoginFailure.at > since)
    by_name = session.scalar(recent.where(LoginFailure.name == name[:32])) or 0
    by_address = session.scalar(recent.where(LoginFailure.address == address[:64])) or 0
    return by_name >= rule.account_failures or by_address >= rule.address_failures


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


_dummies: list[str] = []


def _dummy() -> str:
    if not _dummies:
        _dummies.append(_HASHER.hash(secrets.token_urlsafe(16)))
    return _dummies[0]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
