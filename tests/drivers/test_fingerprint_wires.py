# SPDX-License-Identifier: Apache-2.0
"""The driver over hostile wires: whatever the line does, a template is whole or there is none."""

from collections.abc import Iterator
from typing import Any

import pytest

from drivers import fingerprint_module, fingerprint_talk
from drivers.errors import AskAgainError, OutOfServiceError
from drivers.fingerprint import FingerEvent, Fingerprint, FingerprintSettings
from drivers.fingerprint_module import FingerprintModule
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import Decoder
from firmware_io.codecs.ef01_tables import Code, Op
from firmware_io.emulators.fingerprint import FingerprintEmulator
from firmware_io.emulators.wire_faults import WIRES

# The module takes no time at factor 0; only what is lost is waited for, for FIRST_S.
FIRST_S = 0.05
ANSWER_S = 20.0
SETTINGS = FingerprintSettings(
    poll_s=0.002,
    quiet_s=0.003,
    image_answer_s=ANSWER_S,
    answer_s=ANSWER_S,
    work_answer_s=ANSWER_S,
    match_answer_s=ANSWER_S,
    empty_answer_s=ANSWER_S,
    silence_s=0.1,
)


@pytest.fixture
def module(hardware: Any) -> Iterator[FingerprintEmulator]:
    hardware.emulator_only("fingerprint", "a wire with scripted faults")
    with FingerprintEmulator("as608", factor=0.0, seed=1) as module:
        yield module


@pytest.fixture
def driver(module: FingerprintEmulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fingerprint]:
    monkeypatch.setattr(fingerprint_talk, "RESYNC_S", FIRST_S)
    monkeypatch.setattr(fingerprint_module, "FIRST_SHARE", FIRST_S / ANSWER_S)
    driver = Fingerprint(module.path, settings=SETTINGS)
    driver.start()
    yield driver
    driver.close()


def enrol(module: FingerprintEmulator, driver: Fingerprint) -> bytes:
    """The template as the booth got it, from an obedient thumb."""

    def obey(event: FingerEvent) -> None:
        if event.kind in ("waiting", "again"):
            module.control({"place": "right-thumb"})
        elif event.kind == "lift":
            module.control({"lift": True})

    module.control({"lift": True})
    return driver.capture("right-thumb", (), obey).template


def held(module: FingerprintEmulator) -> bytes:
    """The template as the module stored it."""
    return module.module.flash.pages[0]


LASTING = [
    {"gap": 0.0002},
    {"slow": 0.02},
    {"stray": "55"},
    {"stray": "ef01"},
    {"stray": "00ef"},
    {"noise": 7},
]


@pytest.mark.parametrize("fault", LASTING, ids=str)
def test_a_wire_that_is_odd_all_the_time_still_gives_the_whole_template(
    module: FingerprintEmulator, driver: Fingerprint, fault: dict[str, Any]
) -> None:
    module.control({"fault": {**fault, "times": 0}})
    assert enrol(module, driver) == held(module)


@pytest.mark.parametrize("wire", WIRES)
def test_over_each_hostile_wire_a_template_is_whole_or_there_is_none_and_the_next_one_is(
    module: FingerprintEmulator, driver: Fingerprint, wire: str
) -> None:
    for skip in (0, 11):
        module.control({"fault": {**WIRES[wire], "skip": skip} if WIRES[wire] else {}})
        try:
            assert enrol(module, driver) == held(module)
        except (OutOfServiceError, AskAgainError):
            assert wire not in ("clean", "byte by byte", "glued", "late", "noisy")
        module.control({"fault": {}})
    driver.wipe()
    assert enrol(module, driver) == held(module)


ONCE = [
    {"corrupt": "any"},
    {"corrupt": -3},
    {"truncate": 7},
    {"truncate": 0},
    {"silent": True},
    {"noise_inside": 3},
    {"replace": "ef01ffffffff07ffff00010a"},
    {"replace": "ef01ffffffff0700000007"},
    {"replace": "ef0112345678070003 00000a"},
    {"slow": 0.16},
    {"duplicate": True},
]
SKIPS = (0, 2, 5, 7, 9, 11, 13, 14)  # two presses and what follows are some fifteen messages


@pytest.mark.parametrize("fault", ONCE, ids=str)
def test_one_damaged_message_anywhere_costs_neither_the_finger_nor_its_truth(
    module: FingerprintEmulator, driver: Fingerprint, fault: dict[str, Any]
) -> None:
    for skip in SKIPS:
        assert module.control({"fault": {**fault, "skip": skip}})["ok"]
        assert enrol(module, driver) == held(module), skip
        module.control({"fault": {}})


def test_a_wire_that_loses_bytes_gives_a_whole_template_or_none(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    whole = 0
    for _ in range(30):
        if whole == 2:
            break
        module.control({"fault": {"lose": 0.001, "lose_in": 0.001, "times": 0}})
        try:
            assert enrol(module, driver) == held(module)
        except (OutOfServiceError, AskAgainError):
            continue
        whole += 1
    assert whole > 0


class Uncounting(Decoder):
    """The planted fault: no checksum, as in several published drivers."""

    def _sum_holds(self, *_: object) -> bool:
        return True


def survives_corruption(module: FingerprintEmulator, driver: Fingerprint) -> bool:
    """The corruption case: one bit of each message in turn is flipped, nothing gets through."""
    for skip in range(16):
        module.control({"fault": {"corrupt": 60, "skip": skip}})
        if enrol(module, driver) != held(module):
            return False
    return True


def test_the_corruption_case_tells_a_driver_without_checksums(
    module: FingerprintEmulator, driver: Fingerprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert survives_corruption(module, driver)
    monkeypatch.setattr(driver._module, "_decoder", Uncounting())
    assert not survives_corruption(module, driver)


def test_a_late_answer_is_never_taken_for_the_next_one(module: FingerprintEmulator) -> None:
    settings = FingerprintSettings(resends=0, quiet_s=0.003, silence_s=0.05)
    wire = FingerprintModule(module.path, 57600, 0, settings)
    wire.open()
    module.control({"fault": {"slow": 0.1}})
    with pytest.raises(OutOfServiceError) as failed:
        wire.ask(say.plain(Op.GEN_IMG), 0.03)  # "no finger" arrives 0.07 s after this
    assert failed.value.code == "fingerprint.silent"
    assert wire.ask(say.vfy_pwd(0), 1.0).code == Code.OK
    assert wire.ask(say.plain(Op.GEN_IMG), 1.0).code == Code.NO_FINGER
    wire.close()


def test_a_line_that_never_carries_a_whole_answer_is_told_as_such(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    module.control({"fault": {"corrupt": -1, "times": 0}})
    with pytest.raises(OutOfServiceError) as failed:
        enrol(module, driver)
    assert failed.value.code == driver.health().reason == "fingerprint.noisy"


@pytest.mark.parametrize(
    "fault",
    [
        {"duplicate": True, "times": 0},
        {"silent": True, "skip": 10, "times": 2},
        {"replace": "55", "skip": 10, "times": 2},
    ],
    ids=str,
)
def test_packets_that_come_twice_or_leave_no_trace_make_no_template_of_another_size(
    module: FingerprintEmulator, driver: Fingerprint, fault: dict[str, Any]
) -> None:
    for more in range(4):
        skip = {"skip": fault["skip"] + more} if "skip" in fault else {}
        module.control({"fault": {**fault, **skip}})
        try:
            assert enrol(module, driver) == held(module)
        except (OutOfServiceError, AskAgainError):
            assert fault["times"] == 0  # what never ends may cost the finger, not its truth
        module.control({"fault": {}})


def test_a_lost_data_packet_is_not_taken_for_a_shorter_template(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    for skip in range(8, 16):  # somewhere in here are the transfer's four data packets
        module.control({"fault": {"silent": True, "skip": skip}})
        assert len(enrol(module, driver)) == 512
        module.control({"fault": {}})
