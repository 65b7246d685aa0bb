# SPDX-License-Identifier: Apache-2.0
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from counter.events import SYSTEM, append, verify_chain
from counter.office import Office


def add(office: Office, count: int) -> None:
    for _ in range(count):
        with office.database.write() as session:
            append(session, "x", SYSTEM, "examined", office.clock.now(), note="one")


def checked(office: Office) -> tuple[int, int | None]:
    with office.database.read() as session:
        return verify_chain(session)


def file_of(office: Office) -> Path:
    return office.settings.state_dir / "counter.db"


def test_a_chain_that_nobody_touched_is_whole(office: Office) -> None:
    add(office, 5)
    assert checked(office) == (5, None)


@pytest.mark.parametrize("act", ["UPDATE event SET note='two'", "DELETE FROM event"])
def test_the_database_itself_refuses_to_change_the_log(office: Office, act: str) -> None:
    add(office, 2)
    with pytest.raises(IntegrityError), office.database.write() as session:
        session.execute(text(act))
    assert checked(office) == (2, None)


@pytest.mark.parametrize(
    ("act", "first_wrong"),
    [
        ("UPDATE event SET note='two' WHERE id=3", 3),
        ("DELETE FROM event WHERE id=2", 3),
        ("DELETE FROM event WHERE id=5", 5),  # a cut tail
    ],
)
def test_a_change_behind_the_databases_back_is_found(
    office: Office, act: str, first_wrong: int
) -> None:
    add(office, 5)
    with sqlite3.connect(file_of(office)) as link:
        link.execute("DROP TRIGGER event_no_update")
        link.execute("DROP TRIGGER event_no_delete")
        link.execute(act)
    link.close()
    assert checked(office)[1] == first_wrong


def test_an_act_that_fails_leaves_no_entry(office: Office) -> None:
    def fail() -> None:
        with office.database.write() as session:
            append(session, "x", SYSTEM, "examined", office.clock.now())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    add(office, 1)
    assert checked(office) == (1, None)
