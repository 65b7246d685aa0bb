# SPDX-License-Identifier: Apache-2.0
"""The real uplink process: killed at any moment, on a full disk, with settings it cannot use."""

import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.responses import JSONResponse

from kiosk.post.errors import (
    LineDownError,
    MailboxDownError,
    OutboxFullError,
    OutboxIllError,
    RefusedByCounterError,
)
from kiosk.post.mailbox import Mailbox
from kiosk.post.messages import Stored
from kiosk.post.outbox_list import outbox_rows

SEED = 20261201
KILLS = 6


class Process:
    """`python -m kiosk.post.uplink` as an appliance runs it."""

    def __init__(self, folder: Path, keys: Path, url: str) -> None:
        self.state, self.socket = folder / "state", folder / "mailbox.sock"
        self.mailbox = Mailbox(self.socket)
        self._config = folder / "booth.toml"
        self._config.write_text(
            f"""
            [booth]
            id = "B03"
            station_code = "320402001"
            [post]
            state_dir = "{self.state}"
            socket = "{self.socket}"
            counter_url = "{url}"
            keys_dir = "{keys / "booth"}"
            """
        )
        self.child: subprocess.Popen[str] | None = None

    def start(self, *, file_limit: int = 0) -> None:
        """Starts it and waits for its line on stdout."""

        def limit() -> None:
            if file_limit:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

        self.child = subprocess.Popen(
            [sys.executable, "-m", "kiosk.post.uplink", "--config", str(self._config)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=limit,
        )
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        assert line, f"uplink ended with {self.child.wait()}"
        assert json.loads(line) == {"device": "uplink", "path": str(self.socket)}

    def end(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal and waits for the end."""
        assert self.child is not None
        self.child.send_signal(number)
        status = self.child.wait(20)
        assert self.child.stdout is not None
        self.child.stdout.close()
        return status


@pytest.fixture
def uplink(tmp_path: Path, keys: Path) -> Iterator[Callable[[str], Process]]:
    made: list[Process] = []

    def make(url: str) -> Process:
        process = Process(tmp_path, keys, url)
        made.append(process)
        return process

    yield make
    for process in made:
        if process.child is not None and process.child.poll() is None:
            process.end(signal.SIGKILL)


def hand_over(mailbox: Mailbox, one: Any) -> Stored:
    """As the front does it: in doubt, the same again."""
    end = time.monotonic() + 30
    while True:
        try:
            return mailbox.hand_over(one.draft, one.parts, timeout_s=5)
        except MailboxDownError:
            assert time.monotonic() < end
            time.sleep(0.02)


def test_a_visit_goes_from_the_socket_to_the_counter_and_a_term_signal_ends_it_cleanly(
    uplink: Any, serve_far: Any, far_side: Any, application: Any
) -> None:
    process, one = uplink(serve_far(far_side).url), application()
    process.start()
    mailbox = process.mailbox
    stored = mailbox.hand_over(one.draft, one.parts)
    assert stored.booth_number.startswith("B03-")
    arrival = mailbox.await_received(one.id, 20)
    assert arrival is not None
    assert arrival.receipt.body.parts == one.hashes == far_side.hashes(one.id)
    assert mailbox.progress(one.id).acceptance_no == arrival.progress.acceptance_no
    assert mailbox.eligibility(b"abc") == b"cba"
    state = mailbox.state()
    assert (state.line_up, state.full, state.unsent, state.alarm) == (True, "", 0, "")
    (row,) = outbox_rows(process.state)
    assert (row.state, row.booth_number, row.bytes_held) == ("received", stored.booth_number, 0)
    assert row.acceptance_no == arrival.progress.acceptance_no
    assert process.end() == 0
    assert not process.socket.exists()


def test_a_parked_one_goes_again_when_staff_say_so(
    uplink: Any, serve_far: Any, far_side: Any, application: Any
) -> None:
    process, one = uplink(serve_far(far_side).url), application()
    far_side.plan = lambda _m, path: JSONResponse({}, 415) if str(one.id) in path else None
    process.start()
    process.mailbox.hand_over(one.draft, one.parts)
    with pytest.raises(RefusedByCounterError, match="http_415"):
        process.mailbox.await_received(one.id, 20)
    assert process.mailbox.state().parked == 1
    far_side.plan = lambda _m, _p: None
    assert process.mailbox.send_again(one.id).parked == 0
    assert process.mailbox.await_received(one.id, 20) is not None


def test_the_service_manager_hears_when_it_is_ready_and_when_it_ends(
    uplink: Any, tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        process = uplink(f"https://127.0.0.1:{free_port}")
        process.start()
        assert manager.recv(100) == b"READY=1"
        assert process.end() == 0
        said = [manager.recv(100)]
        while said[-1] == b"WATCHDOG=1":
            said.append(manager.recv(100))
        assert said[-1] == b"STOPPING=1"


def test_without_a_counter_it_is_stored_and_arrives_once_later(
    uplink: Any, serve_far: Any, far_side: Any, application: Any, free_port: int
) -> None:
    process, one = uplink(f"https://127.0.0.1:{free_port}"), application()
    process.start()
    stored = process.mailbox.hand_over(one.draft, one.parts)
    assert process.mailbox.await_received(one.id, 0.2) is None
    assert process.mailbox.progress(one.id).state == "stored"
    with pytest.raises(LineDownError):
        process.mailbox.eligibility(b"abc")
    assert not process.mailbox.state().line_up
    assert process.mailbox.hand_over(one.draft, one.parts) == stored
    serve_far(far_side, port=free_port)
    assert process.mailbox.await_received(one.id, 30) is not None
    assert list(far_side.applications) == [one.id]


@pytest.mark.timeout(300)  # a machine ten times slower starts it that often too
def test_killed_at_any_moment_nothing_promised_is_lost_and_nothing_is_doubled(
    uplink: Any, serve_far: Any, far_side: Any, stock: list[Any], until: Any
) -> None:
    rng = random.Random(SEED)
    process = uplink(serve_far(far_side).url)
    promised: dict[Any, Stored] = {}
    enough = threading.Event()

    def visits() -> None:
        for one in stock:
            if enough.is_set():
                return
            promised[one.id] = hand_over(process.mailbox, one)

    process.start()
    citizens = threading.Thread(target=visits)
    citizens.start()
    for kill in range(KILLS):
        until(lambda kill=kill: len(promised) > kill, 40)  # it serves again
        time.sleep(rng.uniform(0.0, 0.25))  # the moment of the power cut, not a synchronisation
        process.end(signal.SIGKILL)
        process.start()
    enough.set()
    citizens.join(60)
    assert not citizens.is_alive()
    handed = {one.id: one for one in stock if one.id in promised}
    until(lambda: set(far_side.applications) >= set(handed), 40)
    assert set(far_side.applications) == set(handed)
    for one, stored in promised.items():
        assert far_side.hashes(one) == handed[one].hashes
        assert far_side.applications[one][0] == stored.booth_number
    assert sorted(stored.seq for stored in promised.values()) == list(range(1, len(handed) + 1))
    until(lambda: all(row.state == "received" for row in outbox_rows(process.state)), 20)
    assert {row.bytes_held for row in outbox_rows(process.state)} == {0}
    assert len(handed) >= KILLS


def test_a_disk_that_takes_no_more_refuses_clearly_and_keeps_what_it_promised(
    uplink: Any, stock: list[Any], application: Any, free_port: int, serve_far: Any, far_side: Any
) -> None:
    process = uplink(f"https://127.0.0.1:{free_port}")
    process.start()
    kept = [stock[0], stock[1]]
    for one in kept:
        process.mailbox.hand_over(one.draft, one.parts)
    assert process.end() == 0
    size = (process.state / "outbox.db").stat().st_size
    process.start(file_limit=size + 3 * 4096)
    large = application(10_000)
    with pytest.raises((OutboxFullError, OutboxIllError)):
        process.mailbox.hand_over(large.draft, large.parts)
    assert process.mailbox.state().full == "disk"
    assert process.end() == 0
    serve_far(far_side, port=free_port)
    process.start()
    for one in kept:
        assert process.mailbox.await_received(one.id, 30) is not None
        assert far_side.hashes(one.id) == one.hashes
    assert set(far_side.applications) == {one.id for one in kept}


def test_nothing_readable_lies_in_the_outbox(uplink: Any, application: Any, free_port: int) -> None:
    process, one = uplink(f"https://127.0.0.1:{free_port}"), application()
    process.start()
    process.mailbox.hand_over(one.draft, one.parts)
    for path in process.state.rglob("*"):
        if path.is_file():
            assert b"ssssssss" not in path.read_bytes()


@pytest.mark.parametrize(
    ("config", "status", "words"),
    [
        ("", 2, "device.key"),
        ("[post]\ncolour = 'red'\n", 2, "post.colour"),
        ("[post\n", 2, "TOML"),
    ],
)
def test_settings_it_cannot_use_are_said_in_one_sentence(
    tmp_path: Path, config: str, status: int, words: str
) -> None:
    path = tmp_path / "booth.toml"
    folders = f"keys_dir = '{tmp_path}'\nstate_dir = '{tmp_path}/s'\n"
    path.write_text(config or f"[post]\n{folders}")
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk.post.uplink", "--config", str(path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )
    assert ended.returncode == status
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
