# SPDX-License-Identifier: Apache-2.0
"""The machine's one PC/SC service: started when none runs, shared when one does."""

import json
import subprocess
import sys

import pytest

from firmware_io.emulators.pcscd import SOCKET, PcscService, PcscServiceError

# One worker after the other: the machine has one service.
pytestmark = pytest.mark.xdist_group("pcscd")


def test_a_service_that_runs_already_is_used_and_left_running() -> None:
    with PcscService(alone=True) as first:
        second = PcscService()
        second.start()
        assert not second.owned
        second.close()
        assert SOCKET.exists()
        owned = first.owned
    # Ours goes with us; somebody else's stays.
    assert SOCKET.exists() is not owned


def test_a_second_booth_that_asks_for_it_alone_is_refused_in_its_time() -> None:
    with (
        PcscService(alone=True),
        pytest.raises(PcscServiceError, match="another booth"),
        PcscService(alone=True, patience_s=0.1),
    ):
        pass


def test_the_command_holds_the_service_until_its_stdin_ends() -> None:
    with PcscService(alone=True):
        pass  # our turn
    child = subprocess.Popen(
        [sys.executable, "-m", "firmware_io.emulators.pcscd", "--patience", "20"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    said = json.loads(child.stdout.readline())
    assert (said["device"], said["path"]) == ("pcscd", str(SOCKET))
    with pytest.raises(PcscServiceError):
        PcscService(alone=True, patience_s=0.0).start()
    child.stdin.close()
    assert child.wait(20) == 0
    with PcscService(alone=True, patience_s=5.0):
        pass  # it has let go
