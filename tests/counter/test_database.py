# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from counter import database as database_module
from counter.database import NEWEST, Database, DatabaseError
from counter.office import KeysError, Office
from counter.settings import Settings
from counter.tables import Base, Instant


@pytest.fixture
def database(tmp_path: Path) -> Database:
    held = Database(f"sqlite:///{tmp_path / 'counter.db'}")
    held.migrate()
    return held


def test_every_connection_keeps_the_durable_settings(database: Database) -> None:
    # SQLite, "PRAGMA Statements": synchronous 3 is EXTRA, secure_delete 1 is ON.
    wanted = {"journal_mode": "truncate", "synchronous": 3, "foreign_keys": 1, "secure_delete": 1}
    for _ in range(2):
        with database.engine.connect() as link:
            held = {name: link.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
        assert held == wanted


def test_a_database_that_cannot_keep_them_is_refused() -> None:
    memory = Database("sqlite://")
    with pytest.raises(DatabaseError, match="journal_mode"):
        memory.migrate()


def test_migrations_make_exactly_the_tables_of_the_program(database: Database) -> None:
    with database.engine.connect() as link:
        context = MigrationContext.configure(link)
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_shape_is_the_last_migration() -> None:
    config = Config()
    folder = Path(database_module.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE chain_head SET last_id = 7"))
    database.migrate()
    with database.read() as session:
        assert session.execute(text("SELECT last_id FROM chain_head")).scalar() == 7


def test_a_failed_write_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.execute(text("UPDATE chain_head SET last_id = 9"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with database.read() as session:
        assert session.execute(text("SELECT last_id FROM chain_head")).scalar() == 0


def test_a_time_without_zone_never_reaches_the_database(database: Database) -> None:
    from datetime import datetime

    with pytest.raises(ValueError, match="without zone"):
        Instant().process_bind_param(datetime(2026, 12, 1), database.engine.dialect)  # noqa: DTZ001


def test_missing_keys_are_named_with_what_to_do(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state", keys_dir=tmp_path / "none")
    with pytest.raises(KeysError, match=r"receipt\.key.*idcard\.devca"):
        Office.open(settings)
    assert not (tmp_path / "state").exists()
