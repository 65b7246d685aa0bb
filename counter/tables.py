# SPDX-License-Identifier: Apache-2.0
"""The counter's tables.

No name, citizen number, picture or address of an applicant stands in a readable column: the
sealed parts are kept as they came and opened when a person with the right asks. What rules must
search by is `citizen_index`, a keyed digest. The `person` table stands in for the state's
register, which a real site keeps elsewhere.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Dialect,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Instant(TypeDecorator[datetime]):
    """Aware UTC time on engines that keep a zone and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Stores UTC; a time without zone is a programming mistake."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone reached the database")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Common base of the tables."""


class Booth(Base):
    """A booth that may talk to this counter. `device_key`: raw Ed25519 public key, 32 bytes."""

    __tablename__ = "booth"
    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    station_code: Mapped[str] = mapped_column(String(9))
    device_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    active: Mapped[bool] = mapped_column(default=True)
    enrolled_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)


class Blob(Base):
    """Sealed bytes, addressed by the SHA-256 of what they are."""

    __tablename__ = "blob"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    length: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime] = mapped_column(Instant)


class SealedPart(Base):
    """Which blob is which part of an application; may be here before the application is."""

    __tablename__ = "sealed_part"
    application_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    part: Mapped[str] = mapped_column(String(16), primary_key=True)
    booth_id: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))


class Application(Base):
    """One application. `version` counts moves, so that two officers cannot overwrite each other."""

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("booth_id", "seq_booth", name="uq_application_booth_seq"),
        UniqueConstraint("booth_number", name="uq_application_booth_number"),
        UniqueConstraint("acceptance_no", name="uq_application_acceptance_no"),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    booth_id: Mapped[str] = mapped_column(ForeignKey("booth.id"))
    station_code: Mapped[str] = mapped_column(String(9), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    booth_number: Mapped[str] = mapped_column(String(24))
    seq_booth: Mapped[int]
    confirmed_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, index=True)
    software: Mapped[str] = mapped_column(String(40))
    manifest: Mapped[str] = mapped_column(Text)
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)
    version: Mapped[int] = mapped_column(default=1)
    acceptance_no: Mapped[str | None] = mapped_column(String(22))
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    examined_at: Mapped[datetime | None] = mapped_column(Instant)
    checks: Mapped[str] = mapped_column(Text, default="")
    citizen_index: Mapped[str | None] = mapped_column(String(64), index=True)
    fee_due_fen: Mapped[int | None]
    fee_state: Mapped[str | None] = mapped_column(String(16))
    pickup: Mapped[str | None] = mapped_column(String(16))
    offsite: Mapped[bool | None]
    legal_date: Mapped[date]
    promise_date: Mapped[date]
    warn15: Mapped[date]
    warn10: Mapped[date]
    refusal: Mapped[str | None] = mapped_column(String(3))
    recapture: Mapped[str | None] = mapped_column(String(16))


class StationDay(Base):
    """The last acceptance sequence a station gave on a Shanghai day."""

    __tablename__ = "station_day"
    station_code: Mapped[str] = mapped_column(String(9), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class Event(Base):
    """One link of the append-only chain. `hash` covers all other columns and `prev_hash`."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    application_id: Mapped[str] = mapped_column(String(36), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(32))
    role: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str] = mapped_column(String(9))
    what: Mapped[str] = mapped_column(String(24))
    from_state: Mapped[str] = mapped_column(String(16), default="")
    to_state: Mapped[str] = mapped_column(String(16), default="")
    code: Mapped[str] = mapped_column(String(3), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class ChainHead(Base):
    """The end of the chain: one row, locked while a link is added."""

    __tablename__ = "chain_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_id: Mapped[int]
    last_hash: Mapped[str] = mapped_column(String(64))


class PaymentRow(Base):
    """A payment at the test gateway; expiry is told by the clock, never stored by a timer."""

    __tablename__ = "payment"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(String(36), index=True)
    booth_id: Mapped[str] = mapped_column(String(8))
    amount_fen: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)


class Person(Base):
    """What the register knows of a person. `flags`: rule codes (R01, R04...) apart by spaces."""

    __tablename__ = "person"
    citizen_no: Mapped[str] = mapped_column(String(18), primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    sex: Mapped[str] = mapped_column(String(1))
    ethnicity: Mapped[str] = mapped_column(String(2))
    birth_date: Mapped[date]
    household_area: Mapped[str] = mapped_column(String(6))
    flags: Mapped[str] = mapped_column(String(60), default="")
    synthetic: Mapped[bool] = mapped_column(default=False)


class Staff(Base):
    """An account at the console."""

    __tablename__ = "staff"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str] = mapped_column(String(9))
    password: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class StaffSession(Base):
    """A login. `token_hash`: SHA-256 of the cookie, so that the table opens no door."""

    __tablename__ = "staff_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey("staff.name"))
    csrf: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime] = mapped_column(Instant)


class LoginFailure(Base):
    """A failed login, kept for the pause."""

    __tablename__ = "login_failure"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), index=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant)


class BoothReportRow(Base):
    """A booth's last report on itself, as it came; `received_at` by the counter's clock."""

    __tablename__ = "booth_report"
    booth_id: Mapped[str] = mapped_column(ForeignKey("booth.id"), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Instant)
    report: Mapped[str] = mapped_column(Text)


class SlipRow(Base):
    """What became of a slip. Settled when it was printed, or handed out at a window.

    `reason`: why it is not on paper, or not provably; "" when it was printed at once. `proof`: what
    the printing rests on (`idcard.booth_health.PrintProof`).
    """

    __tablename__ = "unprinted_slip"
    application_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    booth_id: Mapped[str] = mapped_column(ForeignKey("booth.id"))
    reason: Mapped[str] = mapped_column(String(100))
    words: Mapped[str] = mapped_column(Text, default="")
    told_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by: Mapped[str] = mapped_column(String(32), default="")
    proof: Mapped[str] = mapped_column(String(16), default="", server_default="")
