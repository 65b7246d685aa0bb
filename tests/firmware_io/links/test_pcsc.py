# SPDX-License-Identifier: Apache-2.0
"""The child process behind the smart-card link: its deadlines, its death, its rebirth.

No card and no service is needed here; `tests/drivers/test_staffcard.py` has both.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkLostError, LinkTimeoutError
from firmware_io.links.pcsc import PcscLink, Service

ROOT = Path(__file__).parents[3]
NO_SERVICE = {"PCSCLITE_CSOCK_NAME": "/nonexistent/pcscd.comm"}


@pytest.fixture
def link() -> Iterator[PcscLink]:
    link = PcscLink(environment=NO_SERVICE)
    yield link
    link.close()


def _until(true: Callable[[], bool], limit_s: float = 10.0) -> None:
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_machine_without_the_service_has_no_readers(link: PcscLink) -> None:
    status = link.status(Deadline.after(5))
    assert (status.service, status.readers) == (Service.DOWN, ())


def test_nothing_runs_before_the_first_question_and_after_the_end(link: PcscLink) -> None:
    assert link.child_pid is None
    link.status(Deadline.after(5))
    pid = link.child_pid
    assert pid is not None
    link.close()
    assert link.child_pid is None
    assert _gone(pid)


def test_a_card_without_a_service_is_lost_not_hung(link: PcscLink) -> None:
    with pytest.raises(LinkLostError):
        link.connect("Some Reader 00 00", Deadline.after(5))
    with pytest.raises(LinkLostError):
        link.transmit(b"\0\xa4\x04\0", Deadline.after(5))
    link.disconnect(Deadline.after(5))


def test_a_hung_child_costs_its_deadline_and_is_replaced(link: PcscLink) -> None:
    link.status(Deadline.after(5))
    pid = link.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(LinkTimeoutError):
        link.status(Deadline.after(0.1))
    assert _gone(pid)
    assert link.status(Deadline.after(5)).service is Service.DOWN
    assert link.child_pid not in (None, pid)


def test_a_killed_child_is_replaced(link: PcscLink) -> None:
    link.status(Deadline.after(5))
    pid = link.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    _until(lambda: _gone(pid))
    assert link.status(Deadline.after(5)).service is Service.DOWN


def test_the_child_dies_with_its_parent() -> None:
    program = (
        "from firmware_io.links.deadline import Deadline\n"
        "from firmware_io.links.pcsc import PcscLink\n"
        f"link = PcscLink(environment={NO_SERVICE!r})\n"
        "link.status(Deadline.after(5))\n"
        "print(link.child_pid, flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        _until(lambda: _gone(child))
