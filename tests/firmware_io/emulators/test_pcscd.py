# SPDX-License-Identifier: Apache-2.0
"""The machine's one PC/SC service: started when none runs, shared when one does."""

from firmware_io.emulators.pcscd import SOCKET, PcscService


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
