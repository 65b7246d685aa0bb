# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from counter.office import Office
from counter.settings import Lockout
from counter.staff import StaffError, add_account, csrf_fits, log_in, log_out, who
from counter.tables import Staff, StaffSession

PASSWORD = "right-and-long"


@pytest.fixture
def account(office: Office) -> Office:
    add_account(office, "officer1", "accepting", "320402001", PASSWORD)
    return office


def enter(office: Office, password: str = PASSWORD, address: str = "10.0.0.1") -> str | None:
    return log_in(office, "officer1", password, address)


def test_the_right_password_opens_a_session_of_that_officer(account: Office) -> None:
    login = who(account, enter(account))
    assert login is not None
    assert (login.name, login.role, login.unit) == ("officer1", "accepting", "320402001")
    assert csrf_fits(login, login.csrf)
    assert not csrf_fits(login, "other")


def test_neither_password_nor_cookie_stands_in_the_database(account: Office) -> None:
    token = enter(account)
    assert token is not None
    with account.database.read() as session:
        assert session.get_one(Staff, "officer1").password.startswith("$argon2id$")
        assert token not in {row.token_hash for row in session.scalars(select(StaffSession))}
    held = (account.settings.state_dir / "counter.db").read_bytes()
    assert PASSWORD.encode() not in held
    assert token.encode() not in held


@pytest.mark.usefixtures("real_passwords")
def test_a_password_costs_a_thief_64_mebibytes_and_three_passes(account: Office) -> None:
    # RFC 9106, 4, second recommended option: Argon2id, t=3, m=64 MiB, p=4.
    with account.database.read() as session:
        assert "m=65536,t=3,p=4" in session.get_one(Staff, "officer1").password


def test_wrong_names_and_passwords_are_not_told_apart(account: Office) -> None:
    assert enter(account, "wrong") is None
    assert log_in(account, "nobody", PASSWORD, "10.0.0.1") is None


def test_five_failures_pause_the_account_for_a_quarter_of_an_hour(
    account: Office, clock: Any
) -> None:
    for _ in range(5):
        enter(account, "wrong")
    assert enter(account) is None
    clock.pass_time(minutes=14)
    assert enter(account) is None
    clock.pass_time(minutes=1, seconds=1)
    assert enter(account) is not None


def test_an_address_that_tries_many_names_is_paused(account: Office) -> None:
    strict = account.settings.model_copy(update={"lockout": Lockout(address_failures=3)})
    account = replace(account, settings=strict)
    for number in range(3):
        log_in(account, f"name{number}", "guess", "10.0.0.9")
    assert enter(account, address="10.0.0.9") is None
    assert enter(account, address="10.0.0.1") is not None


def test_a_login_ends_when_idle_and_work_keeps_it(account: Office, clock: Any) -> None:
    token = enter(account)
    for _ in range(3):
        clock.pass_time(minutes=14)
        assert who(account, token) is not None
    clock.pass_time(minutes=16)
    assert who(account, token) is None


def test_a_page_that_refreshes_by_itself_does_not_keep_a_login(account: Office, clock: Any) -> None:
    token = enter(account)
    clock.pass_time(minutes=10)
    assert who(account, token, keep=False) is not None
    clock.pass_time(minutes=6)
    assert who(account, token, keep=False) is None


def test_a_login_ends_after_the_longest_shift_however_busy(account: Office, clock: Any) -> None:
    token = enter(account)
    for _ in range(60):
        clock.pass_time(minutes=10)
        assert who(account, token) is not None
    clock.pass_time(seconds=1)
    assert who(account, token) is None


def test_sessions_that_ended_are_swept_at_the_next_login(account: Office, clock: Any) -> None:
    enter(account)
    clock.pass_time(hours=11)
    enter(account)
    with account.database.read() as session:
        assert len(session.scalars(select(StaffSession)).all()) == 1


def test_logging_out_and_switching_off_end_a_session_at_once(account: Office) -> None:
    first, second = enter(account), enter(account)
    login = who(account, first)
    assert login is not None
    log_out(account, login)
    assert who(account, first) is None
    with account.database.write() as session:
        session.get_one(Staff, "officer1").active = False
    assert who(account, second) is None
    assert enter(account) is None


@pytest.mark.parametrize(
    ("name", "role", "password", "told"),
    [
        ("officer1", "accepting", PASSWORD, "exists already"),
        ("x", "boss", PASSWORD, "no role"),
        ("x", "citizen", PASSWORD, "no role"),
        ("x", "accepting", "short", "8 to 256"),
        ("张三", "accepting", PASSWORD, "letters"),
    ],
)
def test_accounts_that_cannot_be_are_told_in_a_sentence(
    account: Office, name: str, role: str, password: str, told: str
) -> None:
    with pytest.raises(StaffError, match=told):
        add_account(account, name, role, "320402001", password)
