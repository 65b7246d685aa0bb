# SPDX-License-Identifier: Apache-2.0
"""What every desk of the counter needs: settings, database, keys and the clock."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from counter.clock import Clock, SystemClock
from counter.database import Database
from counter.settings import Settings
from counter.tables import Booth
from idcard.keys import KeyFormatError, OpeningKey, SigningKey, VerifyKey
from idcard.workdays import PublishedHolidays, WorkCalendar

_Key = TypeVar("_Key")


class KeysError(Exception):
    """A key file is missing or is no such key; the text names the file and what to do."""


@dataclass(frozen=True, slots=True)
class CounterKeys:
    """The counter's own keys. Fingerprints are sealed to another key, which is not here."""

    receipt: SigningKey = field(repr=False)
    seal: OpeningKey = field(repr=False)
    index: bytes = field(repr=False)  # 32 bytes: keyed digest of citizen numbers

    @classmethod
    def load(cls, folder: Path) -> "CounterKeys":
        """Reads receipt.key and seal.key in `folder`. Raises KeysError."""
        receipt = _read(folder / "receipt.key", SigningKey.from_pem)
        seal = _read(folder / "seal.key", OpeningKey.from_pem)
        derive = HKDF(SHA256(), 32, salt=None, info=b"id-booth counter citizen index 1")
        return cls(receipt, seal, derive.derive(seal.private.private_bytes_raw()))

    def citizen_index(self, citizen_no: str) -> str:
        """A digest by which equal numbers are found and none can be guessed without the key."""
        return hmac.new(self.index, citizen_no.encode("ascii"), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Office:
    """Handed to every desk; nothing of it is global."""

    settings: Settings
    database: Database
    keys: CounterKeys
    clock: Clock
    calendar: WorkCalendar

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None) -> "Office":
        """Keys read, tables brought up to date, booths of the key folder enrolled.

        Raises KeysError, DatabaseError or OSError (state folder cannot be made).
        """
        keys = CounterKeys.load(key_folder(settings))
        if not settings.database_url:
            settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = Database(settings.database)
        database.migrate()
        office = cls(settings, database, keys, clock or SystemClock(), PublishedHolidays())
        office.enrol_known_booths()
        return office

    def enrol_known_booths(self) -> None:
        """Adds booths whose `<BOOTH>.pub` lies in the key folder and that are not known yet."""
        folder = key_folder(self.settings) / "booths"
        for path in sorted(folder.glob("*.pub")):
            key = _read(path, VerifyKey.from_pem)
            with self.database.write() as session:
                if session.get(Booth, path.stem) is None:
                    session.add(
                        Booth(
                            id=path.stem,
                            station_code=self.settings.station_of(path.stem),
                            device_key=key.public.public_bytes_raw(),
                            enrolled_at=self.clock.now(),
                        )
                    )


def key_folder(settings: Settings) -> Path:
    """The counter's key folder: `keys_dir/counter` where there is one, else `keys_dir`."""
    inner = settings.keys_dir / "counter"
    return inner if inner.is_dir() else settings.keys_dir


def _read(path: Path, reader: Callable[[bytes], _Key]) -> _Key:
    try:
        return reader(path.read_bytes())
    except OSError as why:
        raise KeysError(
            f"{path}: cannot be read ({why.strerror}); make development keys with "
            "'python -m idcard.devca DIR' or point keys_dir at yours."
        ) from why
    except KeyFormatError as why:
        raise KeysError(f"{path}: {why}.") from why
