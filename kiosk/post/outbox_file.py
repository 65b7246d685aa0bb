# SPDX-License-Identifier: Apache-2.0
"""The outbox's file: how it is opened, proved fit, fenced against a full disk, put aside when ill.

One process, one connection. `journal_mode=TRUNCATE` with `synchronous=EXTRA` syncs the journal, the
folder, the database and the cut journal before COMMIT returns, so an acknowledged commit survives a
power cut; `secure_delete=ON` overwrites what is deleted. SQLite answers a PRAGMA with the mode in
force, which can differ from the one asked for: all are read back, and another answer refuses to
serve.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO

from kiosk.post.errors import OutboxIllError

DATABASE = "outbox.db"
BALLAST = "ballast"
BALLAST_BYTES = 4 * 1024 * 1024
_QUICK_CHECK_S = 20.0
# PRAGMA, value asked for, what SQLite then answers.
PRAGMAS: tuple[tuple[str, str, object], ...] = (
    ("journal_mode", "TRUNCATE", "truncate"),
    ("synchronous", "EXTRA", 3),
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("mmap_size", "0", 0),
)
SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE applications(
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL UNIQUE,
    booth_number TEXT NOT NULL UNIQUE,
    day TEXT NOT NULL,
    day_seq INTEGER NOT NULL,
    manifest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('stored', 'received', 'parked')),
    park_reason TEXT NOT NULL DEFAULT '',
    arrival TEXT,
    stored_at TEXT NOT NULL,
    received_at TEXT,
    CHECK ((state = 'received') = (arrival IS NOT NULL))
) STRICT;
CREATE TABLE parts(
    id TEXT NOT NULL REFERENCES applications(id),
    part TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    length INTEGER NOT NULL,
    bytes BLOB,
    PRIMARY KEY (id, part)
) STRICT;
CREATE INDEX by_state ON applications(state, seq);
"""

Connect = Callable[[Path], sqlite3.Connection]


def connect(path: Path) -> sqlite3.Connection:
    """A plain connection: explicit transactions, used from several threads under one lock."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)


def open_database(
    folder: Path, now: datetime, connector: Connect = connect
) -> tuple[sqlite3.Connection, Path | None]:
    """The fit database in `folder`, and where a damaged one was put aside, if it was.

    Raises OutboxIllError when SQLite does not take the settings, or the disk does not answer.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / DATABASE
    try:
        return _fit(path, connector), None
    except sqlite3.DatabaseError as wrong:
        if isinstance(wrong, sqlite3.OperationalError) and not _is_damage(wrong):
            raise OutboxIllError("cannot open") from wrong
        aside = put_aside(folder, now)
    try:
        return _fit(path, connector), aside
    except sqlite3.DatabaseError as wrong:
        raise OutboxIllError("cannot open a fresh store") from wrong


def put_aside(folder: Path, now: datetime) -> Path:
    """Moves the database and its journal, together, into a dated folder. Nothing is deleted."""
    stem = f"quarantine-{now:%Y%m%d-%H%M%S}"
    aside, count = folder / stem, 1
    while aside.exists():
        count += 1
        aside = folder / f"{stem}-{count}"
    aside.mkdir(mode=0o700)
    # The journal first: were only the database moved, a stale journal would meet a fresh one.
    for name in (f"{DATABASE}-journal", DATABASE):
        if (folder / name).exists():
            (folder / name).rename(aside / name)
    for place in (aside, folder):
        sync_folder(place)
    return aside


def last_put_aside(folder: Path) -> Path | None:
    """The newest folder with a damaged store that nobody has taken away yet."""
    return max(folder.glob("quarantine-*"), default=None)


def sync_folder(folder: Path) -> None:
    """Makes names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_ballast(folder: Path, size: int = BALLAST_BYTES) -> None:
    """Keeps `size` bytes of the disk occupied, to give up when it is full; silent when it is."""
    path = folder / BALLAST
    try:
        with path.open("ab") as file:
            if file.tell() < size:
                os.posix_fallocate(file.fileno(), 0, size)
                os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)


def drop_ballast(folder: Path) -> bool:
    """Gives the ballast up, so that a receipt can still be written. False: there was none."""
    path = folder / BALLAST
    if not path.exists():
        return False
    path.unlink()
    sync_folder(folder)
    return True


def _fit(path: Path, connector: Connect) -> sqlite3.Connection:
    database = connector(path)
    try:
        os.chmod(path, 0o600)
        _check(database)
        for name, asked, expected in PRAGMAS:
            database.execute(f"PRAGMA {name} = {asked}")
            found = database.execute(f"PRAGMA {name}").fetchone()
            if found is None or found[0] != expected:
                raise OutboxIllError(f"PRAGMA {name} is not in force")
        _migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def _check(database: sqlite3.Connection) -> None:
    """`quick_check` within 20 s. Raises DatabaseError for damage."""
    end = time.monotonic() + _QUICK_CHECK_S
    database.set_progress_handler(lambda: int(time.monotonic() > end), 10_000)
    try:
        said = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as wrong:
        if wrong.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return  # a very large store: served unchecked rather than not at all
        raise
    finally:
        database.set_progress_handler(None, 0)
    if said != ("ok",):
        raise sqlite3.DatabaseError("quick_check")


def _migrate(database: sqlite3.Connection) -> None:
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise OutboxIllError("store of a newer version")
    if version == 0:
        database.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version = 1;COMMIT;")


def _is_damage(wrong: sqlite3.Error) -> bool:
    code = getattr(wrong, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_full(wrong: sqlite3.Error) -> bool:
    """Whether the disk, or the file's own fence, is full: SQLite has then rolled back itself."""
    return getattr(wrong, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL


def alone(folder: Path) -> IO[str]:
    """An open file, held for its lock: one process has the outbox.

    Raises OutboxIllError when another has it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (folder / "uplink.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as wrong:
        lock.close()
        raise OutboxIllError("another uplink has this outbox") from wrong
    return lock
