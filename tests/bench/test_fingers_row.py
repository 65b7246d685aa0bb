# SPDX-License-Identifier: Apache-2.0
"""What the fingers' figures are held against."""

from collections.abc import Iterator
from typing import Any

import pytest

from bench import strangers
from bench.rows.fingers import path_s, spent
from bench.strangers import CLIENTS
from firmware_io.emulators.fingerprint import FingerprintEmulator


def cost(times: int, seconds: float, bytes_in: int, bytes_out: int) -> dict[str, float]:
    return {"times": times, "seconds": seconds, "bytes_in": bytes_in, "bytes_out": bytes_out}


def test_the_path_is_the_modules_time_and_ten_bits_a_byte() -> None:
    acts = {"gen_img": cost(2, 1.0, 24, 24), "up_char": cost(1, 0.004, 13, 568)}
    assert path_s({"host_rate": 57600, "spent": acts}) == pytest.approx(1.004 + 6290 / 57600)


class Told:
    """An emulator whose status grows by what is done to it."""

    def __init__(self) -> None:
        self.acts: dict[str, Any] = {"match": cost(1, 0.03, 12, 14)}

    def control(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"host_rate": 57600, "spent": {name: dict(one) for name, one in self.acts.items()}}


def test_only_what_was_spent_meanwhile_counts() -> None:
    told = Told()

    def act() -> None:
        told.acts["store"] = cost(1, 0.06, 15, 12)

    _, status = spent(told, act)  # pyright: ignore[reportArgumentType]
    assert status["spent"] == {"store": cost(1, 0.06, 15, 12)}


@pytest.fixture(scope="module")
def module() -> Iterator[FingerprintEmulator]:
    with FingerprintEmulator("as608", greets=False, factor=0.0) as module:
        yield module


# r503 waits a second for each answer; it is measured, and not tested here.
@pytest.mark.parametrize("kind", [one for one in CLIENTS if not one.name.startswith("r503")])
def test_a_stranger_does_the_same_work(module: FingerprintEmulator, kind: Any) -> None:
    def finger(down: bool) -> None:
        module.control({"place": "right-thumb"} if down else {"lift": True})

    with strangers.client(kind, module.path, 57600) as client:
        assert client.ask()
        assert client.enrol(finger) == 512
        assert client.template() == 512
        assert client.image() == 36_864
    assert 0 in module.control({"status": True})["library"]
