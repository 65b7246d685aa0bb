# SPDX-License-Identifier: Apache-2.0
"""The database: one writer at a time, and a commit that is on the disk when it returns.

SQLite runs with `journal_mode=TRUNCATE` and `synchronous=EXTRA`: with the versions Debian 12
ships, write-ahead logging with several connections can lose commits (fixed in SQLite 3.51.3), and
DELETE with FULL can bring a finished journal back after a power cut. Both settings are read back
at every connection. Another engine (a PostgreSQL address) is taken as it comes.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

# What SQLite must answer when asked back (its documentation of PRAGMA: 3 = EXTRA, 1 = ON).
PRAGMAS: tuple[tuple[str, str, object], ...] = (
    ("journal_mode", "TRUNCATE", "truncate"),
    ("synchronous", "EXTRA", 3),
    ("foreign_keys", "ON", 1),
    ("secure_delete", "ON", 1),
    ("mmap_size", "0", 0),
)
BUSY_S = 10
# The last of migrations/versions.
NEWEST = "0003"


class DatabaseError(Exception):
    """The database does not keep what is promised; the counter must not serve."""


class Database:
    """Sessions over one engine. `read()` sees a steady state, `write()` is the only writer."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = open_engine(url)
        self._writer = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that changes nothing; rolled back at the end."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session committed when the block ends well and rolled back when it raises."""
        with self._writer, self.engine.connect() as link:
            link = link.execution_options(writes=True)
            with Session(link, expire_on_commit=False) as session, session.begin():
                yield session

    def migrate(self) -> None:
        """Brings the tables to this program's shape; a database already there is left alone."""
        if self._shape() == NEWEST:
            return
        # Alembic is loaded only when there is work: it takes as long as all the rest.
        from alembic import command
        from alembic.config import Config

        with self._writer, self.engine.connect() as link:
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = link.execution_options(writes=True)
            command.upgrade(config, "head")
            link.commit()

    def _shape(self) -> str | None:
        with self.engine.connect() as link:
            try:
                return link.execute(text("SELECT version_num FROM alembic_version")).scalar()
            except DBAPIError:  # an empty database has no such table
                return None

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def open_engine(url: str) -> Engine:
    """The engine for an address, with SQLite's promises checked at every new connection."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(
        url,
        hide_parameters=True,  # an error's text must not carry what was to be stored
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(link: Any, _record: object) -> None:
    # The driver's own transaction handling is switched off; `_begin` says what is meant.
    link.isolation_level = None
    for name, wanted, answer in PRAGMAS:
        link.execute(f"PRAGMA {name}={wanted}")
        held = link.execute(f"PRAGMA {name}").fetchone()
        if held is None or held[0] != answer:
            raise DatabaseError(f"SQLite refuses {name}={wanted}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
